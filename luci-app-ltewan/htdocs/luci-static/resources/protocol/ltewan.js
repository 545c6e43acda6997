'use strict';
'require form';
'require network';
'require ltewan as lte';

/* The form of an interface with `proto 'ltewan'`, and what the daemon's error tokens mean. */

/* Tokens of src/modem/cause.rs and of the protocol's handler: what is wrong, and what to do. */
network.registerErrorCode('ADDRESS_MISSING', _('The link is up and nothing hands out an address. On a phone, switch the hotspot or USB tethering off and on.'));
network.registerErrorCode('APN_REJECTED', _('The network does not accept the APN. Enter the one that your operator names.'));
network.registerErrorCode('ATTACH_FAILED', _('The network refuses the modem\'s first connection. Check the APN, user name and password.'));
network.registerErrorCode('AUTH_FAILED', _('The network does not accept the user name or password. Enter those that your operator names, or none.'));
network.registerErrorCode('CALL_FAILED', _('The connection could not be set up. It is tried again; check the APN if this goes on.'));
network.registerErrorCode('CONNECTION_DEAD', _('Nothing answers through the connection. It is dialled again; check the hosts of the connection check if this goes on.'));
network.registerErrorCode('CONNECT_FAILED', _('The modem did not answer the call in time. It is tried again.'));
network.registerErrorCode('DEVICE_IN_USE', _('The modem serves another interface already. Choose another modem, or remove the other interface.'));
network.registerErrorCode('INITIALIZE_FAILED', _('The modem could not be initialized. It is tried again; unplug it and plug it in if this goes on.'));
network.registerErrorCode('LINK_FORMAT_FAILED', _('The network device could not be set up for the modem\'s data format. It is tried again; restart the modem if this goes on.'));
network.registerErrorCode('MODEM_DISABLED', _('The modem is switched off. Enable it in the modem\'s settings.'));
network.registerErrorCode('MODEM_PORT_CLOSED', _('The modem\'s control port was closed. The modem may be restarting; it is opened again.'));
network.registerErrorCode('MODEM_REJECTED', _('The network refuses this modem. Ask the operator whether its IMEI is barred.'));
network.registerErrorCode('MODEM_UNRESPONSIVE', _('The modem does not answer. It is asked again and restarted; unplug it and plug it in if this goes on.'));
network.registerErrorCode('NETWORK_FAILURE', _('The network has trouble of its own. The modem tries again; nothing is to be done here.'));
network.registerErrorCode('NETWORK_NOT_ALLOWED', _('The SIM may not use this network here. Wait until another is found, or choose no network by hand.'));
network.registerErrorCode('NETWORK_REGISTRATION_FAILED', _('No network accepts the modem, or none is in reach. Check the antenna, the bands and the modes allowed.'));
network.registerErrorCode('NO_APN', _('The network wants an APN and none is configured. Enter the one that your operator names.'));
network.registerErrorCode('NO_DAEMON', _('The ltewan daemon does not run. Start the service "ltewan".'));
network.registerErrorCode('NO_DEVICE', _('No modem that fits is plugged in. Plug it in, or choose another modem.'));
network.registerErrorCode('NO_IFACE', _('The modem has no network device. Install its kernel driver.'));
network.registerErrorCode('PDPTYPE_REJECTED', _('The network does not serve this IP type. Choose another one.'));
network.registerErrorCode('PHONE_NOT_PAIRED', _('The iPhone is not paired. Install and start usbmuxd, unlock the iPhone and tap Trust.'));
network.registerErrorCode('PIN_FAILED', _('The SIM refused the PIN. Enter the right one; it is not tried again until it is changed.'));
network.registerErrorCode('PIN_NOT_SPECIFIED', _('The SIM wants a PIN and none is configured. Enter it in the interface or the SIM profile.'));
network.registerErrorCode('PIN_STATUS_FAILED', _('The PIN is not sent: the attempts left are not known, or /etc/ltewan cannot be written. Unlock the SIM by hand.'));
network.registerErrorCode('PIN_TRIES_BELOW_LIMIT', _('Only one attempt at the PIN is left, and it is yours. Unlock the SIM by hand.'));
network.registerErrorCode('PLMN_FAILED', _('The modem refused the chosen network or technologies. Choose others, or none.'));
network.registerErrorCode('PPP_MISSING', _('This modem connects by PPP. Install the packages ppp and kmod-ppp.'));
network.registerErrorCode('PPP_UNUSABLE', _('PPP cannot be used: pppd does not start, or no serial port is free for data. See the system log.'));
network.registerErrorCode('PUK_NEEDED', _('The SIM is blocked and wants its PUK. Enter it on the page of the SIM\'s PIN.'));
network.registerErrorCode('QUOTA_USED', _('The SIM\'s quota is used up. It is connected again in its next billing period, or when you raise the quota.'));
network.registerErrorCode('RADIO_FAILED', _('The modem does not switch its radio on. Look for a switch, flight mode, or a lock of the vendor.'));
network.registerErrorCode('REGISTRATION_DENIED', _('The network refuses this SIM or this modem. Ask the operator whether the SIM is active.'));
network.registerErrorCode('ROAMING_NOT_ALLOWED', _('The modem is roaming. Allow roaming if you want to pay for it.'));
network.registerErrorCode('SIM_BLOCKED', _('The SIM is blocked for good. Ask the operator for another one.'));
network.registerErrorCode('SIM_ILLEGAL_STATE', _('The SIM does not answer or is not accepted. Take it out, clean it, and put it in again.'));
network.registerErrorCode('SIM_NOT_INITIALIZED', _('There is no SIM, or it does not start. Put one in, then restart the modem.'));
network.registerErrorCode('SIM_REJECTED', _('The network refuses the SIM. Ask the operator whether it is active and has data.'));
network.registerErrorCode('PROTOCOL_MISSING', _('This ltewan is built without the modem\'s protocol. Install the whole one.'));
network.registerErrorCode('STORAGE_MODE', _('The stick still is a disk with its drivers. Install usb-modeswitch and plug it in anew.'));
network.registerErrorCode('SUBNET_CLASH', _('The modem hands out addresses of a network that the router has already. Change the LAN\'s address, or the modem\'s.'));
network.registerErrorCode('TETHERING_OFF', _('The phone does not share its connection. Switch on USB tethering on the phone.'));

network.registerPatternVirtual(/^ppp-.+$/);

const APN = /^[A-Za-z0-9._@-]{1,100}$/;
const PLMN = /^[0-9]{5,6}$/;
const PIN = /^[0-9]{4,8}$/;

/* A validator for what may be left out. */
function matching(pattern, message) {
	return (section, value) => value == null || value == '' || pattern.test(value) || message;
}

function attemptsLeft(modem) {
	const left = modem?.sim?.pin_retries_left;
	return left == null ? '' : ' ' + _('%d attempts are left.').format(left);
}

return network.registerProtocol('ltewan', {
	getI18n() {
		return _('Cellular modem (ltewan)');
	},

	getIfname() {
		return this._ubus('l3_device') || `ltewan-${this.sid}`;
	},

	getPackageName() {
		return 'ltewan';
	},

	isFloating() {
		return true;
	},

	isVirtual() {
		return true;
	},

	getDevices() {
		return null;
	},

	containsDevice(ifname) {
		return network.getIfnameOf(ifname) == this.getIfname();
	},

	renderFormOptions(s) {
		const status = lte.statusIfAllowed();
		let o;

		o = s.taboption('general', form.Value, '_modem', _('Modem'),
			_('By the port it is plugged in to, by its IMEI, or by vendor and product.'));
		o.ucioption = 'device';
		o.rmempty = true;
		o.placeholder = _('the first that is free');
		o.load = function(section) {
			return status.then(({ modems }) => {
				this.value('auto', _('the first that is free'));
				for (const modem of modems ?? [])
					this.value(modem.section ?? modem.modem,
						`${lte.modemName(modem)} – ${modem.modem}, ${lte.stateName(modem.state)}`);
				return form.Value.prototype.load.apply(this, [ section ]);
			});
		};

		o = s.taboption('general', form.Value, 'apn', _('APN'));
		o.placeholder = _('of the SIM profile, or the network\'s own');
		o.validate = matching(APN, _('Expected letters, digits and - . _ @'));
		o.load = function(section) {
			return status.then(({ modems }) => Promise.all((modems ?? []).map(({ modem }) => lte.apns(modem)))).then((apns) => {
				for (const { apn, name } of apns.flat())
					this.value(apn, name ? `${apn} – ${name}` : apn);
				return form.Value.prototype.load.apply(this, [ section ]);
			});
		};

		o = s.taboption('general', form.Value, 'pincode', _('PIN'));
		o.password = true;
		o.placeholder = _('of the SIM profile, or none');
		o.validate = matching(PIN, _('Expected 4 to 8 digits'));
		o.load = function(section) {
			return status.then(({ modems }) => {
				const locked = (modems ?? []).find((modem) => modem.sim?.state == 'pin_required');
				this.description = _('A wrong PIN costs one attempt, ever; the last one is left to you.')
					+ attemptsLeft(locked);
				return form.Value.prototype.load.apply(this, [ section ]);
			});
		};

		o = s.taboption('general', form.ListValue, 'auth', _('Authentication'));
		o.value('none', _('None'));
		o.value('pap', 'PAP');
		o.value('chap', 'CHAP');
		o.value('both', 'PAP/CHAP');
		o.default = 'none';

		for (const [ name, title ] of [ [ 'username', _('User name') ], [ 'password', _('Password') ] ]) {
			o = s.taboption('general', form.Value, name, title);
			o.password = name == 'password';
			o.datatype = 'maxlength(127)';
			for (const auth of [ 'pap', 'chap', 'both' ])
				o.depends('auth', auth);
		}

		o = s.taboption('general', form.ListValue, 'pdptype', _('IP type'),
			_('Of two, either alone is success.'));
		o.value('ipv4v6', _('IPv4 and IPv6'));
		o.value('ipv4', _('IPv4 only'));
		o.value('ipv6', _('IPv6 only'));
		o.default = 'ipv4v6';

		s.taboption('general', form.Flag, 'allow_roaming', _('Connect abroad'),
			_('Roaming can cost a lot of money.'));

		this.renderAdvanced(s);
		this.renderCheck(s);
	},

	renderAdvanced(s) {
		let o;

		o = s.taboption('advanced', form.MultiValue, 'modes', _('Technologies'),
			_('All when none is chosen.'));
		for (const mode of [ 'gsm', 'umts', 'lte', 'nr5g' ])
			o.value(mode, lte.ratName(mode));

		o = s.taboption('advanced', form.Value, 'plmn', _('Network'),
			_('The one network to register with: MCC and MNC, as 26202.'));
		o.placeholder = _('any');
		o.validate = matching(PLMN, _('Expected 5 or 6 digits'));

		o = s.taboption('advanced', form.Value, 'v6apn', _('APN for IPv6'),
			_('When it is another than for IPv4; not with MBIM.'));
		o.validate = matching(APN, _('Expected letters, digits and - . _ @'));

		o = s.taboption('advanced', form.Value, 'profile', _('Stored profile'),
			_('The number of a profile in the modem to dial with. It is never changed.'));
		o.datatype = 'range(1, 255)';

		o = s.taboption('advanced', form.Value, 'mtu', _('Override MTU'));
		o.placeholder = _('what the network says');
		o.datatype = 'range(576, 16384)';

		o = s.taboption('advanced', form.Flag, 'sourcefilter', _('IPv6 source routing'),
			_('The IPv6 default route counts only for packets from the network\'s prefix.'));
		o.default = o.enabled;

		o = s.taboption('advanced', form.Flag, 'extendprefix', _('Give the IPv6 prefix to the LAN'),
			_('The one /64 of the network is used on both sides (RFC 7278).'));
		o.default = o.enabled;

		o = s.taboption('advanced', form.Flag, 'iface_464xlat', _('IPv4 over IPv6'),
			_('Where the network has IPv6 alone and the package 464xlat is installed (RFC 6877).'));
		o.default = o.enabled;
	},

	renderCheck(s) {
		let o;

		o = s.taboption('advanced', form.ListValue, 'check', _('Connection check'),
			_('How to see that packets get through. A dead connection is dialled again.'));
		o.value('none', _('None'));
		o.value('ping', _('Ping'));
		o.value('dns', 'DNS');
		o.value('http', 'HTTP');
		o.default = 'none';

		o = s.taboption('advanced', form.DynamicList, 'check_host', _('Hosts to ask'),
			_('Any answer is enough. Without any the network\'s name servers are asked; HTTP wants at least one.'));
		o.placeholder = 'example.org';

		o = s.taboption('advanced', form.Value, 'check_interval', _('Seconds between checks'));
		o.placeholder = '30';
		o.datatype = 'range(5, 86400)';

		o = s.taboption('advanced', form.Value, 'check_failures', _('Failures in a row that mean a dead connection'));
		o.placeholder = '4';
		o.datatype = 'range(1, 100)';

		for (const name of [ 'check_host', 'check_interval', 'check_failures' ])
			for (const kind of [ 'ping', 'dns', 'http' ])
				s.children.find((child) => child.option == name).depends('check', kind);
	}
});
