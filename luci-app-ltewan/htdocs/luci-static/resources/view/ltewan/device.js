'use strict';
'require view';
'require dom';
'require fs';
'require ltewan as lte';

/* One modem as a device: who it is, what it is on USB, where it is, restarts, and the report. Polls
 * `gnss` every ten seconds, while its receiver is on. */

const INTERVAL_S = 10;

/* A modem that becomes something else on USB is away for this long at most. */
const SWITCH_S = 120;
const REPORT = '/tmp/ltewan-report.json';

const LEVELS = {
	redial: _('Hang up and dial again'),
	radio: _('Radio off and on'),
	reset: _('Restart the modem'),
	power: _('Cut its power for a moment')
};

return view.extend({
	load() {
		L.env.rpctimeout = Math.max(L.env.rpctimeout ?? 0, SWITCH_S);
		return Promise.all([ lte.call.status(), ...[ 'reset', 'gnss' ].map((method) => lte.can(method)) ]);
	},

	render([ status, may, mayLocate ]) {
		const modems = lte.capable(status, 'connect');
		Object.assign(this, { may, mayLocate });
		this.body = E('div', {}, []);
		this.place = E('div', { 'data-part': 'gnss', id: 'gnss' }, []);
		// Also when the first answer was that the modem is busy.
		lte.poll(() => this.locates && this.fix?.on != false ? this.locate('status').catch(() => null) : Promise.resolve(), INTERVAL_S);
		const page = E('div', { class: 'ltewan' }, [
			lte.style(),
			E('h2', {}, [ _('Device') ]),
			lte.picker(modems, (modem) => this.show(modem)),
			this.body, this.place,
			may ? this.report() : E([])
		]);
		return modems.length ? this.show(modems[0].modem).then(() => page)
			: (dom.content(this.body, [ lte.nothing() ]), page);
	},

	show(modem) {
		this.modem = modem;
		this.fix = null;
		this.locates = false;
		dom.content(this.place, []);
		return lte.call.info({ modem }).then((info) => {
			this.locates = this.mayLocate && info.capabilities?.includes('gnss');
			if (this.locates)
				this.locate('status').catch(() => null);
			const wants_mode = info.capabilities?.includes('usb_mode');
			const modes = wants_mode ? lte.call.usb_mode({ modem }).catch(() => null) : Promise.resolve(null);
			return modes.then((usb) => dom.content(this.body, [
				this.identity(info),
				usb?.modes?.length ? this.usbMode(modem, usb) : E([]),
				this.may ? this.resets(modem) : E([])
			]));
		});
	},

	identity(info) {
		const who = info.full_identity ?? {};
		const ports = info.ports ?? {};
		return E('div', { class: 'cbi-section' }, [
			E('h3', {}, [ lte.modemName(info) ]),
			E('div', { class: 'ltewan-columns' }, [
				lte.facts([
					[ _('Manufacturer'), who.manufacturer ], [ _('Model'), who.model ],
					[ _('Firmware'), who.revision ], [ 'IMEI', who.imei ], [ 'IMSI', who.imsi ],
					[ 'ICCID', who.iccid ], [ _('Serial number'), who.usb_serial ]
				]),
				lte.facts([
					[ _('Path'), info.modem ], [ _('Section'), info.section ],
					[ _('Vendor and product'), info.vid_pid ], [ _('Spoken'), ports.protocol ],
					[ _('Control port'), ports.control ], [ _('AT port'), ports.at ],
					[ _('Network device'), [ ports.net, ports.mux ].filter((it) => it).join(', ') ],
					[ _('Network\'s time'), this.time(info.network_time) ]
				])
			])
		]);
	},

	time(it) {
		const date = new Date(it?.utc);
		return isNaN(date) ? null : new Date(date.getTime() + it.age_s * 1000).toLocaleString();
	},

	usbMode(modem, usb) {
		const select = E('select', { class: 'cbi-input-select', 'aria-label': _('USB mode') },
			usb.modes.map((mode) => E('option', { value: mode, selected: mode == usb.mode ? '' : null }, [ mode ])));
		const change = () => select.value == usb.mode ? null : lte.confirm(_('Change the USB mode?'),
			_('The modem restarts and comes back as %s. Settings that name its ports may no longer fit.').format(select.value),
			_('Change'), () => lte.call.usb_mode({ modem, mode: select.value }).then(() => this.show(modem)));
		return E('div', { class: 'cbi-section', 'data-part': 'usb_mode' }, [
			E('h3', {}, [ _('USB mode') ]),
			E('div', { class: 'ltewan-line' }, [
				E('span', {}, [ _('It is %s now.').format(usb.mode ?? '?') ]), select,
				lte.button(_('Change'), 'action', change)
			])
		]);
	},

	resets(modem) {
		const buttons = Object.entries(LEVELS).map(([ level, title ]) =>
			lte.button(title, 'neutral', () => lte.confirm(_('Are you sure?'),
				_('The connection is gone until the modem is back.'), title,
				() => lte.call.reset({ modem, level }))));
		return E('div', { class: 'cbi-section', 'data-part': 'reset' }, [
			E('h3', {}, [ _('Restart') ]), E('div', { class: 'ltewan-actions' }, buttons)
		]);
	},

	/* Asks for the position, or switches the receiver before. */
	locate(action) {
		const modem = this.modem;
		return lte.call.gnss({ modem, action }).then((it) => {
			if (modem == this.modem)
				this.showPlace(it);
		});
	},

	showPlace(it) {
		const { on, fix, nmea_port } = this.fix = it;
		const degrees = (value, [ plus, minus ]) => `${Math.abs(value).toFixed(5)}° ${value < 0 ? minus : plus}`;
		const date = new Date(fix?.time);
		dom.content(this.place, [ E('div', { class: 'cbi-section' }, [
			E('h3', {}, [ _('Position') ]),
			fix ? lte.facts([
				[ _('Latitude'), degrees(fix.latitude, [ _('N', 'north'), _('S', 'south') ]) ],
				[ _('Longitude'), degrees(fix.longitude, [ _('E', 'east'), _('W', 'west') ]) ],
				[ _('Height'), fix.altitude_m != null ? `${fix.altitude_m} m` : null ],
				[ _('Satellites'), fix.satellites ],
				[ _('Time'), isNaN(date) ? fix.time : date.toLocaleString() ]
			]) : E('p', {}, [ on ? _('The receiver is on and does not know yet where it is. Under a clear sky that takes a minute or two.')
				: on == null ? _('Whether the receiver is on is not known.') : _('The receiver is off.') ]),
			nmea_port ? E('p', { class: 'ltewan-note' }, [ _('For gpsd its sentences come from %s.').format(nmea_port) ]) : E([]),
			E('div', { class: 'ltewan-actions' }, [
				lte.button(_('Switch on'), 'positive', () => this.locate('on'), { disabled: on ? '' : null }),
				lte.button(_('Switch off'), 'neutral', () => this.locate('off'), { disabled: on == false ? '' : null })
			])
		]) ]);
	},

	report() {
		const download = () => lte.call.diagnose().then(() => fs.read(REPORT)).then((text) => {
			const url = URL.createObjectURL(new Blob([ text ], { type: 'application/json' }));
			E('a', { href: url, download: 'ltewan-report.json' }, []).click();
			URL.revokeObjectURL(url);
		});
		return E('div', { class: 'cbi-section', 'data-part': 'report' }, [
			E('h3', {}, [ _('Report') ]),
			E('p', {}, [ _('What the daemon knows, for a bug report, without numbers that identify a person.') ]),
			E('div', { class: 'ltewan-actions' }, [ lte.button(_('Download the report'), 'action', download) ])
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
