'use strict';
'require view';
'require form';
'require ltewan as lte';

/* /etc/config/ltewan: modems with their recovery, SIM profiles, the log. Polls nothing. */

const MATCH = /^(usb:[0-9][0-9.-]*|imei:[0-9]{14,16}|[0-9a-fA-F]{4}:[0-9a-fA-F]{4})$/;
const CARD = /^[0-9]{1,22}\*?$/;
const BAND = /^(gsm|umts|lte|nr5g):[0-9]{1,4}$/;
const TIME = /^([01]?[0-9]|2[0-3]):[0-5][0-9]$/;

/* What leads to another SIM. */
const REASONS = {
	no_sim: _('no SIM, or a dead one'), no_registration: _('no network'), denied: _('the network refuses'),
	weak_signal: _('a weak signal'), data: _('data does not flow'), quota: _('the quota is used up')
};

function matching(pattern, message) {
	return (section, value) => value == null || value == '' || pattern.test(value) || message;
}

return view.extend({
	load() {
		return L.resolveDefault(lte.call.status(), {}).then((status) => {
			const able = lte.capable(status, 'bands');
			const bands = able.map(({ modem }) => L.resolveDefault(lte.call.bands({ modem }), {}));
			return Promise.all([ status, lte.can('usage'), ...bands ]);
		});
	},

	render([ status, mayUsage, ...told ]) {
		this.mayUsage = mayUsage;
		this.bands = told.flatMap(({ bands }) => Object.entries(bands ?? {}))
			.flatMap(([ rat, { supported } ]) => (supported ?? []).map((number) => [ rat, number ]));
		const m = new form.Map('ltewan', _('Modem settings'),
			_('Every modem and every SIM works without any of this; it is for what should differ.'));
		m.tabbed = true;
		this.modems(m.section(form.TypedSection, 'modem', _('Modems')), status.modems ?? []);
		this.sims(m.section(form.TypedSection, 'sim', _('SIM profiles')));
		this.globals(m.section(form.NamedSection, 'globals', 'ltewan', _('Daemon')));
		return m.render().then((node) => E('div', { class: 'ltewan' }, [ node ]));
	},

	modems(s, modems) {
		let o;
		s.addremove = true;
		s.anonymous = false;
		s.tab('general', _('General'));
		s.tab('slots', _('SIM slots'), _('For modems with several places for SIMs.'));
		s.tab('recovery', _('Recovery'), _('A modem that does not come back by being dialled again is helped step by step.'));

		o = s.taboption('general', form.Value, 'match', _('Which modem'),
			_('Its USB port, its IMEI (imei:...), or vendor and product.'));
		o.rmempty = false;
		o.validate = matching(MATCH, _('Expected usb:..., imei:... or vendor:product'));
		for (const modem of modems) {
			o.value(modem.modem, `${lte.modemName(modem)} – ${modem.modem}`);
			o.value(modem.vid_pid, `${lte.modemName(modem)} – ${modem.vid_pid}`);
		}

		o = s.taboption('general', form.Flag, 'enabled', _('Enabled'), _('Otherwise its radio is off.'));
		o.default = o.enabled;

		o = s.taboption('general', form.MultiValue, 'mode', _('Technologies'), _('All when none is chosen.'));
		for (const mode of [ 'gsm', 'umts', 'lte', 'nr5g' ])
			o.value(mode, lte.ratName(mode));

		o = s.taboption('general', form.DynamicList, 'band', _('Bands'),
			_('As lte:3 or nr5g:78. Of a technology that none is named of, the modem uses all; without any it is left as it is.'));
		for (const [ rat, number ] of this.bands)
			o.value(`${rat}:${number}`, lte.bandName(rat, number));
		o.placeholder = 'lte:3';
		o.validate = matching(BAND, _('Expected a technology and a number, as lte:3'));

		o = s.taboption('general', form.ListValue, 'usb_mode', _('USB mode'),
			_('The modem is made this when it is something else, at most twice.'));
		o.value('keep', _('as it is'));
		for (const mode of [ 'qmi', 'mbim', 'ecm', 'ncm', 'rndis' ])
			o.value(mode, mode.toUpperCase());
		o.default = 'keep';

		o = s.taboption('general', form.ListValue, 'control', _('Connect by'));
		o.value('', _('the best way there is'));
		o.value('ppp', _('PPP over a serial port'));
		o.optional = true;
		o.rmempty = true;

		o = s.taboption('general', form.ListValue, 'qmap', _('Many packets in one transfer'),
			_('QMAP, for QMI modems. By itself it is on with USB 3.'));
		o.value('auto', _('by itself'));
		o.value('1', _('on'));
		o.value('0', _('off'));
		o.default = 'auto';

		for (const [ name, title, hint, usual ] of [
			[ 'signal_interval', _('Seconds between measurements'), _('Of what the modem tells only when it is asked; 0 is never.'), '30' ],
			[ 'at_poll', _('Seconds between AT questions'), _('For what only AT commands tell: cells, antennas, temperature; 0 is never.'), '60' ]
		]) {
			o = s.taboption('general', form.Value, name, title, hint);
			o.placeholder = usual;
			o.datatype = 'or("0", range(5, 86400))';
		}

		o = s.taboption('general', form.Flag, 'gnss', _('Satellite receiver'), _('It is switched on whenever the modem is there.'));

		this.slots(s);

		o = s.taboption('recovery', form.DynamicList, 'recover', _('Steps'),
			_('In this order. Without any: redial, radio, reset, gpio, usb. The router is restarted only when that is listed.'));
		for (const [ step, title ] of Object.entries(lte.STEPS))
			o.value(step, `${step} – ${title}`);
		o.value('none', `none – ${_('nothing at all')}`);

		s.taboption('recovery', form.Value, 'reset_gpio', _('Reset line'),
			_('A name in /sys/class/gpio, or a line\'s number or name.'));

		o = s.taboption('recovery', form.Value, 'restart_time', _('Restart each day at'));
		o.placeholder = '03:00';
		o.validate = matching(TIME, _('Expected a time of day, as 03:00'));
	},

	slots(s) {
		let o = s.taboption('slots', form.Value, 'slot', _('First slot'), _('The one in use when none is named.'));
		o.datatype = 'range(1, 8)';

		s.taboption('slots', form.Value, 'slot_gpio', _('SIM line'),
			_('Where the board selects the SIM, and not the modem: a name in /sys/class/gpio, or a line\'s number or name.'));

		o = s.taboption('slots', form.ListValue, 'slot_gpio_first', _('Its value for slot 1'));
		o.value('1');
		o.value('0');
		o.default = '1';

		o = s.taboption('slots', form.MultiValue, 'switch_on', _('Go over to another SIM'), _('Never when nothing is chosen.'));
		for (const [ reason, title ] of Object.entries(REASONS))
			o.value(reason, title);

		for (const [ name, title, hint, usual, type ] of [
			[ 'switch_after', _('After'), _('Seconds for which that has to last.'), '180', 'range(10, 86400)' ],
			[ 'switch_back', _('Back after'), _('Seconds after which the first slot is gone back to; 0 is never.'), '3600', 'or("0", range(60, 604800))' ],
			[ 'switch_attempts', _('Attempts'), _('How often another SIM is tried until a connection has lasted ten minutes.'), '3', 'range(1, 20)' ],
			[ 'switch_rsrp', _('Weak below'), _('RSRP in dBm.'), '-118', 'range(-140, -44)' ]
		]) {
			o = s.taboption('slots', form.Value, name, title, hint);
			o.placeholder = usual;
			o.datatype = type;
		}
	},

	sims(s) {
		let o;
		s.addremove = true;
		s.anonymous = false;

		o = s.option(form.Value, 'iccid', 'ICCID', _('The number printed on the card, or its beginning with * behind.'));
		o.validate = matching(CARD, _('Expected digits, with * behind when it is the beginning'));
		o.placeholder = '8949*';

		o = s.option(form.Value, 'imsi', 'IMSI', _('Instead of the ICCID: the subscriber, or its beginning with * behind.'));
		o.validate = matching(CARD, _('Expected digits, with * behind when it is the beginning'));
		o.placeholder = '26202*';

		o = s.option(form.Value, 'apn', _('APN'));
		o.validate = matching(/^[A-Za-z0-9._@-]{1,100}$/, _('Expected letters, digits and - . _ @'));

		o = s.option(form.Value, 'pincode', _('PIN'));
		o.password = true;
		o.validate = matching(/^[0-9]{4,8}$/, _('Expected 4 to 8 digits'));

		o = s.option(form.ListValue, 'auth', _('Authentication'));
		o.value('none', _('None'));
		o.value('pap', 'PAP');
		o.value('chap', 'CHAP');
		o.value('both', 'PAP/CHAP');
		o.default = 'none';

		for (const [ name, title ] of [ [ 'username', _('User name') ], [ 'password', _('Password') ] ]) {
			o = s.option(form.Value, name, title);
			o.password = name == 'password';
			o.datatype = 'maxlength(127)';
			for (const auth of [ 'pap', 'chap', 'both' ])
				o.depends('auth', auth);
		}

		o = s.option(form.ListValue, 'pdptype', _('IP type'));
		o.value('ipv4v6', _('IPv4 and IPv6'));
		o.value('ipv4', _('IPv4 only'));
		o.value('ipv6', _('IPv6 only'));
		o.default = 'ipv4v6';

		s.option(form.Flag, 'allow_roaming', _('Connect abroad'), _('Roaming can cost a lot of money.'));
		if (this.mayUsage)
			this.quota(s);
	},

	quota(s) {
		let o = s.option(form.Value, 'quota_mb', _('Quota'), _('Megabytes in a month, both ways together.'));
		o.datatype = 'range(1, 4294967295)';
		o.placeholder = _('none');

		o = s.option(form.Value, 'quota_day', _('The month begins on day'));
		o.datatype = 'range(1, 31)';
		o.placeholder = '1';

		o = s.option(form.ListValue, 'quota_action', _('When it is used up'));
		o.value('warn', _('tell'));
		o.value('limit', _('slow down until the next month'));
		o.value('disconnect', _('disconnect until the next month'));
		o.value('switch', _('disconnect, or use another SIM'));
		o.default = 'warn';

		o = s.option(form.Value, 'quota_rate', _('Slow down to'),
			_('kbit/s each way. The router needs the packages tc-tiny and kmod-sched-act-police for that.'));
		o.datatype = 'range(16, 100000)';
		o.placeholder = '256';
		o.depends('quota_action', 'limit');
	},

	globals(s) {
		let o = s.option(form.ListValue, 'log_level', _('Log'));
		o.value('error', _('errors'));
		o.value('warn', _('warnings'));
		o.value('info', _('what happens'));
		o.value('debug', _('everything'));
		o.default = 'info';

		o = s.option(form.ListValue, 'set_clock', _('Set the router\'s clock'),
			_('By the network\'s time, where nothing else keeps it.'));
		o.value('auto', _('when it is plainly wrong'));
		o.value('1', _('whenever it is off'));
		o.value('0', _('never'));
		o.default = 'auto';
	}
});
