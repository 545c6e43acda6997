'use strict';
'require view';
'require dom';
'require ltewan as lte';

/* How fast the connection is, measured by librespeed-cli. Polls `speedtest` every two seconds. */

const INTERVAL_S = 2;

const PHASES = { preparing: _('Looking for a server'), download: _('Receiving'), upload: _('Sending') };

/* Why a test failed, where the daemon's sentence is not enough. */
const FAILURES = {
	CANCELLED: _('The test was stopped.'),
	TIMEOUT: _('The test took too long and was ended.'),
	LINK_LOST: _('The connection was lost meanwhile.'),
	QUOTA: _('The quota of the SIM was used up meanwhile.')
};

const mbps = (value) => lte.rate(value * 1e6);

function heard({ rat, band, rsrp_dbm }) {
	const words = [ rat ? lte.ratName(rat) : null, band, rsrp_dbm != null ? `${rsrp_dbm} dBm` : null ];
	return words.filter((word) => word).join(' · ');
}

function when(time) {
	const date = new Date(time);
	return isNaN(date) ? '' : date.toLocaleString();
}

return view.extend({
	load() {
		return Promise.all([ lte.call.status(), lte.can('speedtest') ]);
	},

	render([ status, may ]) {
		const modems = lte.capable(status, 'speedtest');
		const head = [ lte.style(), E('h2', {}, [ _('Speed test') ]) ];
		if (!modems.length)
			return E('div', { class: 'ltewan' }, [ ...head, lte.nothing() ]);
		if (!may)
			return E('div', { class: 'ltewan' }, [ ...head, E('p', {}, [ _('Who may only look makes no tests.') ]) ]);
		this.modem = modems[0].modem;
		this.test = E('div', { class: 'cbi-section', 'data-part': 'test' }, []);
		this.results = E('div', { class: 'cbi-section', 'data-part': 'results' }, []);
		const update = () => this.update().catch((error) => {
			this.needed = null;
			dom.content(this.test, [ E('p', { class: 'alert-message warning', role: 'alert' }, [ error.message ]) ]);
		});
		lte.poll(update, INTERVAL_S);
		return update().then(() => E('div', { class: 'ltewan' }, [
			...head, lte.picker(modems, (modem) => {
				this.modem = modem;
				return update();
			}), this.test, this.results
		]));
	},

	update() {
		const modem = this.modem;
		return lte.call.speedtest({ modem }).then((it) => {
			if (modem == this.modem)
				this.show(it);
		});
	},

	show(it) {
		const results = JSON.stringify(it.results);
		// A button stays what it is while it is what is needed: it may have the focus.
		const needed = JSON.stringify([ this.modem, it.state == 'running', it.installed, it.may_take_mb, it.quota_left_mb ]);
		if (needed != this.needed) {
			this.needed = needed;
			this.now = E('div', { role: 'status' }, []);
			dom.content(this.test, [ ...this.before(it), this.now, this.actions(it) ]);
		}
		dom.content(this.now, [ ...it.state == 'running' ? this.progress(it) : this.ended(it) ]);
		if (results != this.shown) {
			this.shown = results;
			dom.content(this.results, [ ...this.history(it.results ?? []) ]);
		}
	},

	/* What is to be known before a test. */
	before({ installed, state, may_take_mb, quota_left_mb }) {
		if (!installed)
			return [ E('p', { class: 'alert-message warning' }, [
				_('Tests are made by the package %s, which is not installed.').format('librespeed-cli'), ' ',
				_('It is found under System, Software.')
			]) ];
		if (state == 'running')
			return [];
		const amount = (mb) => '%1000.1mB'.format(mb * 1e6);
		const words = [ _('A test carries as much as it can for about half a minute: up to %s or so, which the SIM pays for.')
			.format(amount(may_take_mb)) ];
		if (quota_left_mb != null)
			words.push(_('Of its quota %s are left.').format(amount(quota_left_mb)));
		return [ E('p', {}, [ words.join(' ') ]) ];
	},

	actions({ installed, state }) {
		const act = (action) => lte.call.speedtest({ modem: this.modem, action }).then((it) => this.show(it));
		if (state == 'running')
			return E('div', { class: 'ltewan-actions' }, [ lte.button(_('Stop'), 'negative', () => act('cancel')) ]);
		return E('div', { class: 'ltewan-actions' }, [
			lte.button(_('Start the test'), 'positive', () => act('start'), { disabled: installed ? null : '' }) ]);
	},

	progress({ phase, elapsed_s, timeout_s, rx_bytes, tx_bytes, rx_bps, tx_bps }) {
		const at = Object.keys(PHASES).indexOf(phase);
		return [
			E('ol', { class: 'ltewan-steps' }, Object.values(PHASES).map((name, n) =>
				E('li', { class: n < at ? 'done' : n == at ? 'now' : '' }, [ name ]))),
			E('div', { class: 'ltewan-speeds' }, [
				this.big(_('Down'), lte.rate(rx_bps ?? 0)), this.big(_('Up'), lte.rate(tx_bps ?? 0))
			]),
			E('p', { class: 'ltewan-note' }, [ _('For %s, %s at most; %s received, %s sent.').format(
				lte.duration(elapsed_s), lte.duration(timeout_s), lte.bytes(rx_bytes), lte.bytes(tx_bytes)) ])
		];
	},

	ended({ state, failure, message, results }) {
		if (state == 'failed')
			return [ E('p', { class: 'alert-message warning', role: 'alert' }, [
				FAILURES[failure] ?? _('The test failed: %s').format(message) ]) ];
		const last = results?.[0];
		if (state != 'done' || !last)
			return [];
		return [
			E('div', { class: 'ltewan-speeds' }, [
				this.big(_('Down'), mbps(last.download_mbps)), this.big(_('Up'), mbps(last.upload_mbps)),
				this.big(_('Delay'), `${last.ping_ms} ms`)
			])
		];
	},

	big: (name, value) => E('div', {}, [ E('strong', {}, [ value ]), E('span', {}, [ name ]) ]),

	history(results) {
		if (!results.length)
			return [];
		return [
			E('h3', {}, [ _('Results') ]),
			lte.table([ _('Time'), _('Down'), _('Up'), _('Delay'), _('Network'), _('Server') ], results.map((it) => [
				when(it.time), mbps(it.download_mbps), mbps(it.upload_mbps), `${it.ping_ms} ms`, heard(it), it.server
			]))
		];
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
