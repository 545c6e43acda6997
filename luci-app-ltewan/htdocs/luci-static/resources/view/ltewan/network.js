'use strict';
'require view';
'require dom';
'require ltewan as lte';

/* Cells, bands and modes, and the operators in reach. Polls `cells` every ten seconds. */

const INTERVAL_S = 10;

/* How long the modem may be without a network before the daemon takes a choice back. */
const RESTORE_S = 120;

/* A search takes minutes, and what is between browser and daemon gives up earlier: then the call is
 * made anew, which joins the search that runs. */
const SEARCH_CALLS_MAX = 6;

const STATES = {
	current: _('in use'), available: _('available'), forbidden: _('not for this SIM'), unknown: _('unknown')
};
const ROLES = { primary: _('primary'), secondary: _('secondary'), nr: '5G NR' };

const MEASURES = [ 'rsrp_dbm', 'rsrq_db', 'sinr_db', 'rssi_dbm' ];

return view.extend({
	load() {
		L.env.rpctimeout = Math.max(L.env.rpctimeout ?? 0, 60);
		return Promise.all([ lte.call.status(),
			...[ 'set_bands', 'set_modes', 'scan', 'register' ].map((method) => lte.can(method)) ]);
	},

	render([ status, bands, modes, scan, register ]) {
		this.may = { bands, modes, scan, register };
		const list = (status.modems ?? []).filter((modem) =>
			[ 'cells', 'bands', 'modes', 'scan' ].some((word) => modem.capabilities?.includes(word)));
		const asked = lte.asked('modem');
		list.sort((a, b) => (b.modem == asked) - (a.modem == asked));
		this.modems = list;
		this.cells = E('div', { class: 'cbi-section', id: 'cells' }, []);
		this.bands = E('div', { class: 'cbi-section', id: 'bands' }, []);
		this.scan = E('div', { class: 'cbi-section', id: 'scan' }, []);
		if (list.length)
			this.choose(list[0].modem);
		lte.poll(() => this.has('cells') ? this.updateCells().catch(() => null) : Promise.resolve(), INTERVAL_S);
		return E('div', { class: 'ltewan' }, [
			lte.style(), E('h2', {}, [ _('Network') ]),
			list.length ? lte.picker(list, (modem) => this.choose(modem)) : lte.nothing(),
			this.cells, this.bands, this.scan
		]);
	},

	has(word) {
		return this.modems.find((it) => it.modem == this.modem)?.capabilities?.includes(word);
	},

	choose(modem) {
		this.modem = modem;
		[ this.cells, this.bands, this.scan ].forEach((part) => dom.content(part, []));
		const told = (error) => lte.notify(error);
		if (this.has('cells'))
			this.updateCells().catch(told);
		if (this.has('bands') || this.has('modes'))
			this.loadBands().catch(told);
		if (this.has('scan') && this.may.scan)
			this.showScan([]);
	},

	loadBands() {
		return lte.call.bands({ modem: this.modem }).then((it) => this.showBands(it));
	},

	updateCells() {
		const modem = this.modem;
		return lte.call.cells({ modem }).then((reply) => {
			if (modem == this.modem)
				this.showCells(reply);
		});
	},

	showCells({ serving, carriers, neighbours }) {
		const it = serving ?? {};
		const enb = it.enb_id ?? it.gnb_id;
		dom.content(this.cells, [
			E('h3', {}, [ _('Serving cell') ]),
			E('div', { class: 'ltewan-columns' }, [
				lte.facts([
					[ _('Technology'), it.rat ? lte.ratName(it.rat) : null ], [ _('Network'), it.plmn ],
					[ _('Area (TAC)'), it.tac ], [ _('Cell'), it.cell_id ],
					[ _('Mast'), enb == null ? null : it.sector == null ? `${enb}` : _('%s, sector %s').format(enb, it.sector) ],
					[ 'PCI', it.pci ], [ _('Band'), it.band ], [ _('Channel (ARFCN)'), it.arfcn ],
					[ _('Bandwidth'), it.bandwidth_mhz != null ? `${it.bandwidth_mhz} MHz` : null ]
				]),
				E('div', {}, lte.meters(it))
			]),
			...carriers?.length ? [ E('h3', {}, [ _('Carriers together') ]), lte.table(
				[ _('Role'), _('Band'), 'ARFCN', 'PCI', _('Bandwidth'), 'RSRP' ],
				carriers.map((c) => [ ROLES[c.role] ?? c.role, c.band, c.arfcn, c.pci,
					c.bandwidth_mhz != null ? `${c.bandwidth_mhz} MHz` : '', c.rsrp_dbm ])) ] : [],
			...neighbours?.length ? [ E('h3', {}, [ _('Neighbours') ]), lte.table(
				[ _('Technology'), _('Band'), 'ARFCN', 'PCI', ...MEASURES.slice(0, 2).map((m) => lte.SCALES[m].name) ],
				neighbours.map((c) => [ lte.ratName(c.rat), c.band, c.arfcn, c.pci, c.rsrp_dbm, c.rsrq_db ])) ] : []
		]);
	},

	/* Boxes to tick, and a button that has the choice set. */
	choice(title, groups, empty, set) {
		const boxes = groups.flatMap(({ entries }) => entries.map((entry) => entry.box));
		const apply = lte.button(_('Set'), 'apply', () => {
			const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
			return lte.confirm(title, _('The connection may be lost for a moment. When no network is found for %s, it is taken back.')
				.format(lte.duration(RESTORE_S)), _('Set'), () => set(chosen.length == boxes.length ? [] : chosen)
				.then((it) => this.showBands(it), (error) => this.loadBands().then(() => { throw error; })));
		});
		return [
			E('h3', {}, [ title ]),
			...groups.map(({ name, entries }) => E('div', { class: 'ltewan-choice', role: 'group', 'aria-label': name || title }, [
				name ? E('strong', {}, [ name ]) : E([]),
				E('div', { class: 'ltewan-line' }, entries.map(({ label, box }) => E('label', {}, [ box, ` ${label}` ])))
			])),
			E('p', { class: 'ltewan-note' }, [ empty ]),
			E('div', { class: 'ltewan-actions' }, [ apply ])
		];
	},

	entry(value, label, checked, may) {
		const box = E('input', { type: 'checkbox', value, checked: checked ? '' : null, disabled: may ? null : '' });
		return { label, box };
	},

	showBands(reply) {
		const parts = [];
		const { modes, bands } = reply;
		if (this.has('modes') && modes?.supported?.length) {
			const entries = modes.supported.map((rat) =>
				this.entry(rat, lte.ratName(rat), modes.current?.includes(rat), this.may.modes));
			parts.push(...this.choice(_('Technologies'), [ { name: '', entries } ], _('With all of them the modem chooses.'),
				(chosen) => lte.call.set_modes({ modem: this.modem, modes: chosen, restore_s: RESTORE_S })));
		}
		const rats = Object.keys(bands ?? {}).filter((rat) => bands[rat].supported?.length);
		if (this.has('bands') && rats.length) {
			const groups = rats.map((rat) => ({
				name: lte.ratName(rat),
				entries: bands[rat].supported.map((n) => this.entry(`${rat}:${n}`, `${rat == 'nr5g' ? 'n' : 'B'}${n}`,
					bands[rat].current?.includes(n), this.may.bands))
			}));
			parts.push(...this.choice(_('Bands'), groups, _('Without any, or with all of them, the modem chooses.'),
				(chosen) => lte.call.set_bands({ modem: this.modem, bands: chosen, restore_s: RESTORE_S })));
		}
		dom.content(this.bands, parts);
	},

	search(left) {
		return lte.call.scan({ modem: this.modem }).catch((error) => {
			if (error.code == 'TIMEOUT' && left > 1)
				return this.search(left - 1);
			throw error;
		});
	},

	showScan(networks) {
		const join = (plmn) => lte.confirm(plmn ? _('Use this network?') : _('Let the modem choose?'),
			_('The connection is dialled again.'), _('Register'),
			() => lte.call.register({ modem: this.modem, plmn }).then(() => this.showScan([])));
		dom.content(this.scan, [
			E('h3', {}, [ _('Operators') ]),
			E('p', {}, [ _('A search takes up to three minutes, and the connection may be lost meanwhile.') ]),
			E('div', { class: 'ltewan-actions' }, [
				lte.button(_('Search'), 'action', () => this.search(SEARCH_CALLS_MAX).then((it) => this.showScan(it.networks ?? []))),
				lte.button(_('Stop'), 'neutral', () => lte.call.scan({ modem: this.modem, cancel: true })),
				this.may.register ? lte.button(_('Let the modem choose'), 'neutral', () => join(undefined)) : E([])
			]),
			networks.length ? lte.table([ _('Operator'), _('Number'), _('Technology'), _('State'), '' ], networks.map((it) => [
				it.operator, it.plmn, lte.ratName(it.rat), STATES[it.state] ?? it.state,
				this.may.register
					? lte.button(_('Use'), 'action', () => join(it.plmn)) : ''
			])) : E([])
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
