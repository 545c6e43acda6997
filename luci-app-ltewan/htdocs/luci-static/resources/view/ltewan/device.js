'use strict';
'require view';
'require dom';
'require fs';
'require ltewan as lte';

/* One modem as a device: who it is, what it is on USB, restarts, and the report. Polls nothing. */

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
		return Promise.all([ lte.call.status(), ...[ 'reset', 'usage', 'usage_reset' ].map((method) => lte.can(method)) ]);
	},

	render([ status, may, mayUsage, mayForget ]) {
		const modems = lte.capable(status, 'connect');
		Object.assign(this, { may, mayForget });
		this.body = E('div', {}, []);
		this.carried = E('div', { 'data-part': 'usage' }, []);
		if (mayUsage)
			this.showUsage().catch(() => null);
		const page = E('div', { class: 'ltewan' }, [
			lte.style(),
			E('h2', {}, [ _('Device') ]),
			lte.picker(modems, (modem) => this.show(modem)),
			this.body, this.carried,
			may ? this.report() : E([])
		]);
		return modems.length ? this.show(modems[0].modem).then(() => page)
			: (dom.content(this.body, [ lte.nothing() ]), page);
	},

	show(modem) {
		return lte.call.info({ modem }).then((info) => {
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

	/* Every SIM that has carried something, in this period and in the one before. */
	showUsage() {
		return lte.call.usage().then(({ sims }) => dom.content(this.carried, sims?.length ? [
			E('div', { class: 'cbi-section' }, [
				E('h3', {}, [ _('Usage') ]),
				lte.table([ 'SIM', _('This period'), _('The one before'), '' ], sims.map((sim) => [
					sim.iccid, lte.usage(sim), lte.usage(sim.before), this.mayForget ? this.forget(sim) : ''
				]))
			])
		] : []));
	},

	forget({ sim, iccid }) {
		return lte.button(_('Count anew'), 'neutral', () => lte.confirm(_('Count anew?'),
			_('What SIM %s has carried in this period is forgotten.').format(iccid), _('Count anew'),
			() => lte.call.usage_reset({ iccid: sim }).then(() => this.showUsage())));
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
