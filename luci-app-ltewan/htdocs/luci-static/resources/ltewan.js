'use strict';
'require baseclass';
'require poll';
'require rpc';
'require ui';

/*
 * What the pages of ltewan share: calls of the ubus object, words for people, and parts of pages.
 *
 * Text from a modem, a network or a message is hostile. E() takes a string for its children as
 * markup and an array for text, so children are arrays here without exception; eslint sees to it.
 */

/* Arguments of the daemon's methods, docs/reference.md. */
const METHODS = {
	apn_lookup: [ 'modem', 'plmn' ],
	at: [ 'modem', 'command', 'timeout_ms' ],
	bands: [ 'modem' ],
	cells: [ 'modem' ],
	connect: [ 'interface' ],
	diagnose: [],
	disconnect: [ 'interface' ],
	gnss: [ 'modem', 'action' ],
	history: [ 'modem', 'span' ],
	info: [ 'modem' ],
	pin: [ 'modem', 'action', 'pin', 'new_pin', 'puk', 'force' ],
	reconnect: [ 'interface' ],
	register: [ 'modem', 'plmn' ],
	reload: [],
	reset: [ 'modem', 'level' ],
	scan: [ 'modem', 'cancel' ],
	set_bands: [ 'modem', 'bands', 'restore_s' ],
	set_modes: [ 'modem', 'modes', 'restore_s' ],
	set_slot: [ 'modem', 'slot' ],
	signal: [ 'modem', 'interval_s' ],
	sms_delete: [ 'modem', 'ids' ],
	sms_list: [ 'modem' ],
	sms_read: [ 'modem', 'ids' ],
	sms_send: [ 'modem', 'number', 'text', 'report' ],
	speedtest: [ 'modem', 'action', 'server' ],
	status: [ 'modem' ],
	usage: [ 'iccid' ],
	usage_reset: [ 'iccid' ],
	usb_mode: [ 'modem', 'mode' ],
	ussd: [ 'modem', 'code', 'reply', 'cancel' ]
};

const callAccess = rpc.declare({
	object: 'session',
	method: 'access',
	params: [ 'scope', 'object', 'function' ],
	expect: { access: false }
});

/* The ubus status that means that an answer did not come in time. */
const TIMEOUT = 7;

function checked(reply) {
	const isRefusal = typeof(reply) == 'number' && reply != 0;
	if (!isRefusal && !reply?.error)
		return L.isObject(reply) ? reply : {};

	const text = isRefusal ? rpc.getStatusText(reply) : _(reply.message || reply.error);
	const error = new Error(text);
	error.code = isRefusal ? (reply == TIMEOUT ? 'TIMEOUT' : 'UBUS') : reply.error;
	error.details = isRefusal ? {} : reply;
	throw error;
}

const calls = {};
for (const [ method, params ] of Object.entries(METHODS)) {
	const fn = rpc.declare({ object: 'ltewan', method, params });
	calls[method] = (args) => fn(...params.map((name) => args?.[name])).then(checked);
}

const STATES = {
	absent: _('Not there'),
	initializing: _('Starting'),
	locked: _('Locked'),
	disabled: _('Radio off'),
	searching: _('Searching'),
	registered: _('Ready'),
	connecting: _('Connecting'),
	connected: _('Connected'),
	disconnecting: _('Disconnecting'),
	recovering: _('Recovering'),
	failed: _('Not usable')
};

const RATS = { gsm: '2G', umts: '3G', lte: '4G LTE', nr5g: '5G NR' };

const REGISTRATIONS = {
	idle: _('not registered'),
	home: _('home network'),
	searching: _('searching'),
	denied: _('refused'),
	unknown: _('unknown'),
	roaming: _('roaming')
};

const SIMS = {
	ready: _('ready'),
	absent: _('missing'),
	pin_required: _('wants its PIN'),
	puk_required: _('wants its PUK'),
	blocked: _('blocked for good'),
	error: _('does not answer'),
	not_ready: _('starting'),
	unknown: _('not known')
};

const STEPS = {
	redial: _('dial again'),
	radio: _('switch the radio off and on'),
	reset: _('restart the modem'),
	gpio: _('pull its reset line'),
	usb: _('switch its USB port off and on'),
	reboot: _('restart the router')
};

/* What a measurement is worth: where poor ends, fair ends, good ends; docs/luci.md. */
const SCALES = {
	rsrp_dbm: { name: 'RSRP', unit: 'dBm', limits: [ -110, -100, -90 ], range: [ -130, -70 ] },
	rsrq_db: { name: 'RSRQ', unit: 'dB', limits: [ -18, -14, -10 ], range: [ -24, -4 ] },
	sinr_db: { name: 'SINR', unit: 'dB', limits: [ 0, 7, 15 ], range: [ -10, 30 ] },
	rssi_dbm: { name: 'RSSI', unit: 'dBm', limits: [ -95, -85, -70 ], range: [ -110, -50 ] },
	ecio_db: { name: 'Ec/Io', unit: 'dB', limits: [ -15, -10, -6 ], range: [ -24, -2 ] }
};

/* The daemon tells of a quota from here on, in percent. */
const QUOTA_WARN = 80;

const GRADES = [ _('weak'), _('fair'), _('good'), _('excellent') ];

return baseclass.extend({
	call: calls,

	SCALES,
	STEPS,

	/* Whether this login may call a method. LuCI takes a call that is denied for the end of the
	 * session and asks for the password, so what may be denied is not tried. */
	can(method) {
		return L.resolveDefault(callAccess('ubus', 'ltewan', method), false);
	},

	/* The same of reading a file of /etc/config. */
	mayRead(config) {
		return L.resolveDefault(callAccess('uci', config, 'read'), false);
	},

	/* The status, and nothing where that is not this login's to see. */
	statusIfAllowed() {
		return this.can('status').then((may) => may ? L.resolveDefault(calls.status(), {}) : {});
	},

	/* Calls `fn` every so many seconds while the page is to be seen, and when it is seen again. */
	poll(fn, seconds) {
		const visible = () => document.hidden ? Promise.resolve() : fn();
		poll.add(visible, seconds);
		document.addEventListener('visibilitychange', visible);
	},

	/* The access points that the daemon knows of the network that a modem's SIM is of. */
	apns(modem) {
		return this.can('apn_lookup').then((may) => may ? calls.apn_lookup({ modem }) : {})
			.then((reply) => reply.candidates ?? []).catch(() => []);
	},

	/* The style that all pages share. */
	style() {
		return E('link', { rel: 'stylesheet', href: L.resource('view/ltewan/style.css') });
	},

	notify(error) {
		const text = error?.message ?? String(error);
		ui.addNotification(null, E('p', {}, [ text ]), 'danger');
	},

	/* A button; a failure of what it does is told. */
	button(label, style, fn, attributes) {
		const run = (ev) => Promise.resolve(fn(ev)).catch((error) => this.notify(error));
		return E('button', Object.assign({
			class: `btn cbi-button cbi-button-${style}`,
			type: 'button',
			click: ui.createHandlerFn(this, run)
		}, attributes), [ label ]);
	},

	/* Asks before something is done; what it does may take its time. */
	confirm(title, text, label, fn) {
		return new Promise((resolve) => {
			const close = () => {
				ui.hideModal();
				resolve();
			};
			const agree = this.button(label, 'negative', () => Promise.resolve(fn()).finally(close));
			ui.showModal(title, [
				E('p', {}, [ text ]),
				E('div', { class: 'right' }, [
					E('button', { class: 'btn', type: 'button', click: close }, [ _('Cancel') ]),
					' ',
					agree
				])
			]);
			agree.focus();
		});
	},

	stateName: (state) => STATES[state] ?? state,
	ratName: (rat) => RATS[rat] ?? rat,
	bandName: (rat, number) => `${RATS[rat] ?? rat} ${rat == 'nr5g' ? 'n' : 'B'}${number}`,
	simName: (state) => SIMS[state] ?? state,
	registrationName: (state) => REGISTRATIONS[state] ?? state,
	stepName: (step) => STEPS[step] ?? step,

	/* What to call a modem: what is printed on it, and where it is when there are several. */
	modemName(modem, others) {
		const { manufacturer, model } = modem.identity ?? {};
		const maker = (manufacturer ?? '').split(/\s/)[0];
		const name = model ? `${model.startsWith(maker) ? '' : maker} ${model}`.trim()
			: modem.product || modem.vid_pid || modem.modem;
		const same = (others ?? []).filter((other) => other.identity?.model == model);
		const where = modem.section ? `${modem.section}` : modem.modem;
		return (same.length > 1 || modem.section) ? `${name} (${where})` : name;
	},

	duration(seconds) {
		const [ d, h, m ] = [ seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60 ].map(Math.floor);
		if (d > 0)
			return _('%d d %d h').format(d, h);
		if (h > 0)
			return _('%d h %d min').format(h, m);
		return m > 0 ? _('%d min').format(m) : _('%d s').format(seconds);
	},

	/* What a modem is doing, for whom nothing else is of interest. */
	sentence(modem) {
		const since = _('%s for %s.', 'a state and since when').format(
			this.stateName(modem.state), this.duration(modem.state_s));
		const parts = [ since, _(modem.message) ];
		if (modem.detail)
			parts.push(`(${modem.detail})`);
		if (modem.attempt)
			parts.push(_('Attempt %d.').format(modem.attempt));
		if (modem.next_retry_s != null)
			parts.push(_('The next attempt is in %s.').format(this.duration(modem.next_retry_s)));
		const { next_step, next_step_s } = modem.recovery ?? {};
		if (next_step)
			parts.push(_('If nothing helps, in %s: %s.').format(
				this.duration(next_step_s), this.stepName(next_step)));
		return parts.join(' ');
	},

	network(modem) {
		const it = modem.registration ?? {};
		const words = [ it.operator, it.plmn && it.plmn != it.operator ? it.plmn : null,
			it.rat ? this.ratName(it.rat) : null, it.band,
			it.state && it.state != 'home' ? this.registrationName(it.state) : null ];
		return words.filter((word) => word).join(' · ');
	},

	grade(measure, value) {
		return SCALES[measure].limits.filter((limit) => value >= limit).length;
	},

	gradeName: (grade) => GRADES[grade],

	/* 0 to 100: the daemon's word, else where the first measurement is in its range. */
	quality(signal) {
		if (signal?.quality != null)
			return signal.quality;
		const measure = [ 'rsrp_dbm', 'rssi_dbm' ].find((name) => signal?.[name] != null);
		if (!measure)
			return null;
		const [ low, high ] = SCALES[measure].range;
		return Math.max(0, Math.min(100, Math.round((signal[measure] - low) / (high - low) * 100)));
	},

	/* The bars of a telephone. */
	bars(signal) {
		const quality = this.quality(signal);
		const lit = quality == null ? 0 : Math.max(1, Math.ceil(quality / 20));
		const label = quality == null ? _('no signal') : _('signal %d %%').format(quality);
		const bars = [ 1, 2, 3, 4, 5 ].map((n) => E('i', { class: n <= lit ? 'lit' : '' }, []));
		return E('span', { class: 'ltewan-bars', role: 'img', title: label, 'aria-label': label }, bars);
	},

	/* One measurement with its grade, in words and in colour. */
	meter(measure, value) {
		const { name, unit, range } = SCALES[measure];
		const grade = this.grade(measure, value);
		const part = Math.max(2, Math.min(100, (value - range[0]) / (range[1] - range[0]) * 100));
		return E('div', { class: 'ltewan-meter' }, [
			E('span', { class: 'name' }, [ name ]),
			E('span', { class: 'track', role: 'presentation' }, [
				E('span', { class: `fill grade${grade}`, style: `width:${part.toFixed(0)}%` }, [])
			]),
			E('span', { class: 'value' }, [ `${value} ${unit}` ]),
			E('span', { class: 'grade' }, [ GRADES[grade] ])
		]);
	},

	/* Every measurement there is. */
	meters(signal) {
		const there = Object.keys(SCALES).filter((measure) => signal?.[measure] != null);
		return there.map((measure) => this.meter(measure, signal[measure]));
	},

	/* A list of names and values; those without a value are left out. */
	facts(pairs) {
		const rows = pairs.filter(([ , value ]) => value != null && value !== '');
		return E('dl', { class: 'ltewan-facts' }, rows.flatMap(([ name, value ]) => [
			E('dt', {}, [ name ]),
			E('dd', {}, [ value ].flat())
		]));
	},

	/* What a SIM has carried in a period, and how much of what it may. */
	usage(it) {
		if (it?.rx_bytes == null)
			return null;
		// Operators count in thousands.
		const amount = (count) => '%1000.1mB'.format(count);
		const words = [ amount(it.rx_bytes + it.tx_bytes) ];
		if (it.quota_bytes)
			words.push(_('%d %% of %s').format(it.quota_percent, amount(it.quota_bytes)));
		if (it.period_start)
			words.push(_('since %s').format(new Date(`${it.period_start}T00:00`).toLocaleDateString()));
		return words.join(' · ');
	},

	/* The part of its quota that a SIM has carried, as a bar. */
	quota(it) {
		if (it?.quota_percent == null)
			return E([]);
		const percent = it.quota_percent;
		const grade = percent >= 100 ? 0 : percent >= QUOTA_WARN ? 1 : 3;
		return E('span', { class: 'ltewan-track', role: 'presentation' }, [
			E('span', { class: `fill grade${grade}`, style: `width:${Math.min(100, percent)}%` }, [])
		]);
	},

	bytes: (count) => '%1024.1mB'.format(count),
	rate: (bits) => '%1000.1mbit/s'.format(bits),

	table(titles, rows) {
		// The titles stand beside the values where LuCI shows a table as a list, on a telephone.
		const cell = (value, n) => E('td', { class: 'td', 'data-title': titles[n] || null }, [ value ?? '' ]);
		return E('div', { class: 'ltewan-scroll' }, [ E('table', { class: 'table' }, [
			E('tr', { class: 'tr table-titles' }, titles.map((title) => E('th', { class: 'th' }, [ title ]))),
			...rows.map((row) => E('tr', { class: 'tr' }, row.map(cell)))
		]) ]);
	},

	/* The value of a word behind the page's address: which modem a link was about. */
	asked(name) {
		return new URLSearchParams(window.location.search).get(name);
	},

	url(page, modem) {
		return `${L.url('admin/modem', page)}?modem=${encodeURIComponent(modem)}`;
	},

	/* The modems that can do something, the one that a link was about first. */
	capable(status, capability) {
		const asked = this.asked('modem');
		const list = (status.modems ?? []).filter((it) => it.capabilities?.includes(capability));
		return list.sort((a, b) => (b.modem == asked) - (a.modem == asked));
	},

	/* Lets one of several modems be chosen; `fn` hears of it. */
	picker(modems, fn) {
		if (modems.length < 2)
			return E([]);
		const options = modems.map((modem) =>
			E('option', { value: modem.modem }, [ this.modemName(modem, modems) ]));
		return E('p', {}, [
			E('label', {}, [ _('Modem'), ' ',
				E('select', { change: (ev) => fn(ev.target.value) }, options) ])
		]);
	},

	/* What a page shows when no modem has what it is about. When what modems can do has changed it is
	 * made anew: the port for AT commands, for one, is found beside everything else. */
	nothing() {
		const able = (status) => JSON.stringify((status.modems ?? []).map((it) => it.capabilities));
		let before = null;
		this.poll(() => calls.status().then(able).then((now) => {
			if (before != null && now != before)
				window.location.reload();
			before = now;
		}).catch(() => null), 3);
		return E('p', { class: 'alert-message' }, [
			_('No modem that is plugged in can do this, or it is still starting.'), ' ',
			E('a', { href: L.url('admin/modem/status') }, [ _('See its status') ])
		]);
	}
});
