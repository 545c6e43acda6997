'use strict';
'require view';
'require dom';
'require rpc';
'require ui';
'require uci';
'require ltewan as lte';

/* From a modem to a connection, step by step. Polls `status` every two seconds. */

const INTERVAL_S = 2;

const STEPS = [ _('Modem'), _('SIM'), _('Connection'), _('Connect') ];

/* How long the router waits for word that this page still reaches it, before it takes a change back. */
const ROLLBACK_S = 20;
const CONFIRM_MS = 500;

const callApply = rpc.declare({ object: 'uci', method: 'apply', params: [ 'timeout', 'rollback' ], reject: true });
const callConfirm = rpc.declare({ object: 'uci', method: 'confirm', reject: true });

/* The metric of a backup: above that of any other connection that has none set. */
const BACKUP_METRIC = 100;

/* For the attribute `pattern`, in which a hyphen is escaped. */
const APN = '[A-Za-z0-9._@\\-]{1,100}';
const NAME = '[a-z][a-z0-9_]{0,11}';

/* uci.apply() ends before it has confirmed, and who leaves the page by then loses what was set up. */
function apply() {
	const end = Date.now() + ROLLBACK_S * 1000;
	const wait = () => new Promise((resolve) => window.setTimeout(resolve, CONFIRM_MS));
	const confirm = () => wait().then(() => callConfirm()).catch((error) => {
		if (Date.now() > end)
			throw error;
		return confirm();
	});
	return callApply(ROLLBACK_S, true).then(confirm);
}

function row(title, field, hint) {
	return E('div', { class: 'cbi-value' }, [
		E('label', { class: 'cbi-value-title' }, [ title ]),
		E('div', { class: 'cbi-value-field' }, [
			field, hint ? E('div', { class: 'cbi-value-description' }, [ hint ]) : E([])
		])
	]);
}

function field(name, attributes) {
	return E('input', Object.assign({ type: 'text', class: 'cbi-input-text', name, autocomplete: 'off' },
		attributes));
}

return view.extend({
	load() {
		return Promise.all([ lte.call.status(), lte.can('pin'), uci.load('network'),
			uci.load('ltewan'), L.resolveDefault(uci.load('firewall')) ]);
	},

	render([ status, mayPin ]) {
		this.mayPin = mayPin;
		this.step = 0;
		this.modem = lte.asked('modem');
		this.bar = E('ol', { class: 'ltewan-steps' }, []);
		this.live = E('div', { role: 'status' }, []);
		this.body = E('div', {}, []);
		this.buttons = E('div', { class: 'ltewan-actions' }, []);
		this.status = status;
		this.go(0);
		lte.poll(() => lte.call.status().then((it) => this.update(it)).catch(() => null), INTERVAL_S);
		return E('div', { class: 'ltewan' }, [
			lte.style(), E('h2', {}, [ _('Set up a connection') ]), this.bar,
			E('div', { class: 'cbi-section' }, [ this.live, this.body, this.buttons ])
		]);
	},

	/* The modem it is about: the one chosen, or the only one. */
	current() {
		const modems = this.status.modems ?? [];
		return modems.find((it) => it.modem == this.modem) ?? modems[0];
	},

	update(status) {
		this.status = status;
		this.shows[this.step].call(this);
	},

	go(step) {
		this.step = step;
		dom.content(this.bar, STEPS.map((title, n) => E('li', {
			class: n == step ? 'now' : n < step ? 'done' : '', 'aria-current': n == step ? 'step' : null
		}, [ title ])));
		this.shown = null;
		dom.content(this.live, []);
		dom.content(this.body, []);
		dom.content(this.buttons, []);
		this.shows[step].call(this);
	},

	/* Draws a part once, and anew when what it shows is another. */
	once(key, body, buttons) {
		if (this.shown === key)
			return;
		this.shown = key;
		dom.content(this.body, body());
		dom.content(this.buttons, buttons());
		this.body.querySelector('input')?.focus();
	},

	next(label) {
		return lte.button(label ?? _('Continue'), 'positive', () => this.go(this.step + 1));
	},

	back() {
		return this.step ? lte.button(_('Back'), 'neutral', () => this.go(this.step - 1)) : E([]);
	},

	/* What each step shows, anew after each poll. */
	shows: [
		function() {
			const modems = this.status.modems ?? [];
			const modem = this.current();
			this.once(JSON.stringify(modems.map((it) => [ it.modem, it.identity ])), () => modems.length
				? modems.map((it) => E('p', {}, [ E('label', {}, [
					E('input', { type: 'radio', name: 'modem', value: it.modem,
						checked: it.modem == modem.modem ? '' : null, change: () => this.modem = it.modem }),
					' ', lte.modemName(it, modems), ` – ${it.modem}`
				]) ]))
				: [ E('p', { class: 'spinning' }, [ _('Waiting for a modem to be plugged in ...') ]) ],
			() => modems.length ? [ this.next() ] : []);
			dom.content(this.live, modem ? [ E('p', {}, [ lte.sentence(modem) ]) ] : []);
		},

		function() {
			const modem = this.current();
			if (!modem)
				return this.go(0);
			const state = modem.sim?.state ?? 'ready';
			dom.content(this.live, [ E('p', {}, [ lte.sentence(modem) ]) ]);
			this.once(`${state}${modem.sim?.pin_retries_left}`, () => this.sim(modem, state),
				() => [ this.back(), state == 'pin_required'
					? lte.button(_('Unlock'), 'positive', () => this.unlock(modem))
					: this.next() ]);
		},

		function() {
			const modem = this.current();
			if (!modem)
				return this.go(0);
			dom.content(this.live, [ E('p', {}, [ _('Network: %s').format(lte.network(modem) || _('searching')) ]) ]);
			this.once('connection', () => this.connection(),
				() => [ this.back(), lte.button(_('Save and connect'), 'positive', () => this.save(modem)) ]);
		},

		function() {
			const modem = this.current();
			const user = (this.status.interfaces ?? []).find((it) => it.interface == this.name);
			const done = user?.up && modem?.state == 'connected';
			const sentence = modem ? lte.sentence(modem) : _('The modem is not there.');
			dom.content(this.live, [
				E('p', { class: done ? 'ltewan-sentence' : 'ltewan-sentence spinning' }, [ sentence ]),
				modem?.signal ? lte.bars(modem.signal) : E([]),
				lte.facts([ [ _('Network'), modem ? lte.network(modem) : null ],
					[ _('Interface'), `${this.name} (${user?.up ? _('up') : _('not up yet')})` ],
					[ _('IPv4'), modem?.bearer?.ipv4?.address ],
					[ _('IPv6'), modem?.bearer?.ipv6?.address ] ])
			]);
			this.once(`${done}`,
				() => done ? [ E('p', { class: 'alert-message success' }, [ _('The router is connected.') ]) ] : [],
				() => done ? [ E('a', { class: 'btn cbi-button cbi-button-positive',
					href: L.url('admin/modem/status') }, [ _('See the status') ]) ]
					: [ this.back() ]);
		}
	],

	sim(modem, state) {
		const left = modem.sim?.pin_retries_left;
		switch (state) {
		case 'ready':
			return [ E('p', {}, [ _('The SIM is ready.') ]) ];
		case 'pin_required':
			this.pin = field('pin', { type: 'password', inputmode: 'numeric', pattern: '[0-9]{4,8}',
				maxlength: 8, required: '' });
			return [ row(_('PIN'), this.pin, left == null ? _('A wrong one costs an attempt.')
				: _('%d attempts are left.').format(left)) ];
		case 'puk_required':
			return [ E('p', {}, [ _('The SIM is blocked and wants its PUK.'), ' ',
				E('a', { href: lte.url('sim', modem.modem) }, [ _('Enter it') ]) ]) ];
		default:
			return [ E('p', {}, [ _('SIM: %s').format(lte.simName(state)) ]) ];
		}
	},

	/* Tries the PIN, and remembers it for what is saved in the end. */
	unlock(modem) {
		if (!this.pin.reportValidity())
			return null;
		const pin = this.pin.value;
		this.pincode = pin;
		if (!this.mayPin)
			return this.go(2);
		return lte.call.pin({ modem: modem.modem, action: 'unlock', pin }).then(() => this.go(2))
			.catch((error) => {
				this.pincode = null;
				throw error;
			});
	},

	/* The interface that is set up: this modem's, or a new one. */
	freeName() {
		const used = uci.sections('network').map((it) => it['.name']);
		const names = [ 'wwan', ...Array.from({ length: 9 }, (it, n) => `wwan${n + 2}`) ];
		return names.find((name) => !used.includes(name)) ?? 'wwan';
	},

	connection() {
		const modem = this.current();
		const mine = uci.sections('network', 'interface').find((it) => it.proto == 'ltewan' &&
			[ modem.modem, modem.section ].includes(it.device));
		const zones = uci.sections('firewall', 'zone').map((it) => it.name).filter((it) => it);
		this.fields = {
			name: field('name', { value: mine?.['.name'] ?? this.freeName(), required: '', pattern: NAME }),
			apn: field('apn', { value: mine?.apn ?? '', placeholder: _('the network\'s own'), pattern: APN, list: 'ltewan-apns' }),
			username: field('username', { value: mine?.username ?? '', maxlength: 127 }),
			password: field('password', { type: 'password', value: mine?.password ?? '', maxlength: 127 }),
			roaming: E('input', { type: 'checkbox', name: 'roaming', checked: mine?.allow_roaming == '1' ? '' : null }),
			use: E('select', { name: 'use', class: 'cbi-input-select' }, [
				E('option', { value: '' }, [ _('The main connection') ]),
				E('option', { value: BACKUP_METRIC, selected: mine?.metric ? '' : null }, [ _('A backup') ])
			]),
			zone: E('select', { name: 'zone', class: 'cbi-input-select' }, zones.map((zone) =>
				E('option', { value: zone, selected: zone == 'wan' ? '' : null }, [ zone ])).concat([
				E('option', { value: '' }, [ _('none') ])
			]))
		};
		const it = this.fields;
		const known = E('datalist', { id: 'ltewan-apns' }, []);
		const hint = E('span', {}, [ _('As your operator names it; many networks need none.') ]);
		lte.apns(modem.modem).then((apns) => {
			if (!apns.length)
				return;
			dom.content(known, apns.map(({ apn, name }) => E('option', { value: apn }, [ name ?? apn ])));
			it.apn.placeholder = apns[0].apn;
			dom.content(hint, [ _('Without one these are tried: %s.').format([ ...new Set(apns.map(({ apn }) => apn)) ].join(', ')) ]);
		});
		return [
			row(_('APN'), it.apn, hint),
			known,
			row(_('User name'), it.username, _('Most networks want none.')),
			row(_('Password'), it.password),
			row(_('Connect abroad'), it.roaming, _('Roaming can cost a lot of money.')),
			row(_('Use it as'), it.use),
			row(_('Firewall zone'), it.zone, zones.includes('wan') ? _('"wan" keeps strangers out.') : null),
			row(_('Interface'), it.name)
		];
	},

	save(modem) {
		const it = this.fields;
		if (![ it.name, it.apn ].every((input) => input.reportValidity()))
			return null;
		const name = this.name = it.name.value;
		if (!uci.get('network', name))
			uci.add('network', 'interface', name);
		const set = (option, value) => value ? uci.set('network', name, option, value)
			: uci.unset('network', name, option);
		set('proto', 'ltewan');
		set('device', (this.status.modems ?? []).length > 1 ? modem.section ?? modem.modem : null);
		set('apn', it.apn.value);
		set('username', it.username.value);
		set('password', it.password.value);
		set('auth', it.username.value ? 'both' : null);
		set('allow_roaming', it.roaming.checked ? '1' : null);
		set('metric', it.use.value);
		this.join(name, it.zone.value);
		return this.keepPin(modem).then(() => uci.save()).then(apply).then(() => {
			ui.changes?.init?.();
			this.go(3);
		});
	},

	/* A PIN is kept with its SIM, which readers of the network's configuration do not see. */
	keepPin(modem) {
		if (!this.pincode)
			return Promise.resolve();
		return L.resolveDefault(lte.call.info({ modem: modem.modem }), {}).then((info) => {
			const iccid = info.full_identity?.iccid;
			if (!iccid)
				return uci.set('network', this.name, 'pincode', this.pincode);
			const known = uci.sections('ltewan', 'sim').find((it) => it.iccid == iccid);
			const section = known?.['.name'] ?? uci.add('ltewan', 'sim', `sim${iccid.slice(-5)}`);
			uci.set('ltewan', section, 'iccid', iccid);
			uci.set('ltewan', section, 'pincode', this.pincode);
		});
	},

	/* Puts an interface into a zone of the firewall, and out of every other. */
	join(name, zone) {
		for (const it of uci.sections('firewall', 'zone')) {
			const networks = L.toArray(it.network).filter((network) => network != name);
			if (it.name == zone)
				networks.push(name);
			if (networks.join(' ') != L.toArray(it.network).join(' '))
				uci.set('firewall', it['.name'], 'network', networks);
		}
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
