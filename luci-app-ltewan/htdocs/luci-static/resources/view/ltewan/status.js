'use strict';
'require view';
'require dom';
'require ltewan as lte';
'require ltewan.chart as chart';
'require uci';

/* One card a modem. Polls `status` every five seconds, and `history` for the chart that is open. */

const INTERVAL_S = 5;

/* Pages about what not every modem can do and not everybody may: page, word, method, title. */
const LINKS = [
	[ 'sms', 'sms', 'sms_list', _('Messages') ],
	[ 'network', 'cells', 'cells', _('Cells') ],
	[ 'network', 'bands', 'bands', _('Bands and modes') ],
	[ 'network', 'scan', 'scan', _('Operators') ],
	[ 'antenna', 'signal', 'signal', _('Aim the antenna') ],
	[ 'terminal', 'ussd', 'ussd', _('USSD codes') ],
	[ 'terminal', 'at', 'at', _('AT commands') ],
	[ 'speed', 'speedtest', 'speedtest', _('Speed test') ],
	[ 'device', 'connect', 'info', _('Device') ],
	[ 'device', 'gnss', 'gnss', _('Position') ],
	[ 'sim', 'slots', 'set_slot', _('SIM slots') ]
];

const METHODS = [ 'connect', 'reset', 'history', ...LINKS.map(([ , , method ]) => method) ];

const BUSY = [ 'initializing', 'searching', 'connecting', 'disconnecting', 'recovering' ];

function mood(modem) {
	if (modem.state == 'connected')
		return 'good';
	if (BUSY.includes(modem.state))
		return 'busy';
	return [ 'failed', 'locked', 'absent' ].includes(modem.state) ? 'bad' : '';
}

function address(family) {
	if (!family)
		return null;
	if (family.dhcp)
		return _('by DHCP');
	const dns = family.dns?.length ? _('DNS %s').format(family.dns.join(', ')) : null;
	return [ family.address, dns ].filter((it) => it).join(' · ');
}

/* Where an access point comes from. */
const SOURCES = {
	interface: _('of the interface'), sim: _('of the SIM profile'),
	table: _('known of the operator'), remembered: _('known of the operator')
};

function accessPoint({ apn, apn_source }) {
	if (!apn_source)
		return null;
	return apn ? [ apn, SOURCES[apn_source] ].filter((it) => it).join(' · ') : _('the network\'s own');
}

function traffic(it) {
	if (!it)
		return null;
	const total = _('%s received, %s sent').format(lte.bytes(it.rx_bytes), lte.bytes(it.tx_bytes));
	if (it.rx_bps == null)
		return total;
	return _('%s; just now %s down, %s up').format(total, lte.rate(it.rx_bps), lte.rate(it.tx_bps));
}

function sim(modem) {
	if (!modem.sim)
		return null;
	const words = [ lte.simName(modem.sim.state), modem.sim.iccid ];
	if (modem.sim.state == 'pin_required' && modem.sim.pin_retries_left != null)
		words.push(_('%d attempts left').format(modem.sim.pin_retries_left));
	return words.filter((it) => it).join(' · ');
}

function watched(check) {
	if (!check)
		return null;
	const verdicts = {
		ok: _('answers'), failing: _('does not always answer'),
		dead: _('nothing answers'), unknown: _('not tried yet')
	};
	const words = [ check.kind, verdicts[check.verdict] ?? check.verdict ];
	const times = [ check.ipv4_ms, check.ipv6_ms ].filter((it) => it != null);
	if (times.length)
		words.push(times.map((it) => `${it} ms`).join(', '));
	if (check.last_error)
		words.push(check.last_error);
	return words.join(' · ');
}

return view.extend({
	load() {
		return Promise.all([ lte.call.status(),
			Promise.all(METHODS.map((method) => lte.can(method))),
			lte.mayRead('network').then((may) => may ? uci.load('network') : null) ]);
	},

	render([ status, rights ]) {
		this.may = Object.fromEntries(METHODS.map((method, n) => [ method, rights[n] ]));
		this.cards = new Map();
		this.warnings = E('div', {}, []);
		this.list = E('div', {}, []);
		this.update(status);
		lte.poll(() => lte.call.status().then((it) => this.update(it)).catch((it) => this.lost(it)),
			INTERVAL_S);
		return E('div', { class: 'ltewan' }, [
			lte.style(), E('h2', {}, [ _('Modems') ]), this.warnings, this.list
		]);
	},

	lost(error) {
		dom.content(this.warnings, [ E('p', { class: 'alert-message warning', role: 'alert' }, [
			_('The ltewan daemon does not answer: %s').format(error.message) ]) ]);
	},

	update(status) {
		dom.content(this.warnings, (status.config_errors ?? []).map((text) =>
			E('p', { class: 'alert-message warning' }, [ text ])));
		const modems = status.modems ?? [];
		for (const [ id, card ] of this.cards)
			if (!modems.some((modem) => modem.modem == id)) {
				card.root.remove();
				this.cards.delete(id);
			}
		for (const modem of modems) {
			if (!this.cards.has(modem.modem))
				this.cards.set(modem.modem, this.newCard(modem));
			this.updateCard(this.cards.get(modem.modem), modem, status);
		}
		if (!modems.length)
			dom.content(this.list, [ this.empty() ]);
		else
			this.list.querySelector('.ltewan-empty')?.remove();
	},

	empty() {
		return E('p', { class: 'ltewan-empty' }, [
			_('No modem is plugged in, or its kernel driver is missing.') ]);
	},

	newCard(modem) {
		const part = () => E('div', {}, []);
		const card = { head: part(), facts: part(), actions: part(), chart: part(), links: part() };
		card.chart.hidden = true;
		card.root = E('div', { class: 'cbi-section ltewan-card', 'data-modem': modem.modem },
			[ card.head, card.facts, card.chart, card.actions, card.links ]);
		this.list.appendChild(card.root);
		return card;
	},

	updateCard(card, modem, status) {
		dom.content(card.head, [
			E('div', { class: 'ltewan-head' }, [
				E('h3', {}, [ lte.modemName(modem, status.modems) ]),
				modem.signal ? lte.bars(modem.signal) : E([]),
				E('span', { class: `ltewan-state ${mood(modem)}` }, [ lte.stateName(modem.state) ])
			]),
			E('p', { class: 'ltewan-sentence', 'aria-live': 'polite' }, [ lte.sentence(modem) ]),
			...(modem.warnings ?? []).map((text) => E('p', { class: 'alert-message warning' }, [ text ]))
		]);
		const users = (status.interfaces ?? []).filter((it) => it.modem == modem.modem);
		const used = (status.interfaces ?? []).map((it) => it.interface);
		dom.content(card.facts, [ this.facts(modem, users) ]);
		// Buttons stay what they are while they are what is needed: one may have the focus.
		const needed = JSON.stringify([ modem.state, modem.interface, modem.capabilities,
			modem.sms_unread, users, used ]);
		if (needed != card.needed) {
			card.needed = needed;
			dom.content(card.actions, [ this.actions(card, modem, users, used) ]);
			dom.content(card.links, [ this.links(modem) ]);
		}
	},

	facts(modem, users) {
		const bearer = modem.bearer ?? {};
		const pages = users.filter((it) => it.page?.startsWith('http')).map((it) =>
			E('a', { href: it.page, target: '_blank', rel: 'noreferrer' }, [ it.page ]));
		const errors = users.flatMap((it) => [ ...(it.errors ?? []), it.message ]).filter((it) => it);
		const registration = modem.registration;
		return E('div', { class: 'ltewan-columns' }, [
			lte.facts([
				[ _('Network'), registration ? lte.network(modem) || '–' : null ],
				[ _('Refused with cause'), registration?.reject_cause ],
				[ _('SIM'), sim(modem) ],
				[ _('Interface'), users.map((it) =>
					`${it.interface} (${it.up ? _('up') : _('down')})`).join(', ') || modem.interface ],
				[ _('APN'), users.length && modem.sim ? accessPoint(users[0]) : null ],
				[ _('IPv4'), address(bearer.ipv4) ],
				[ _('IPv6'), address(bearer.ipv6) ],
				[ _('Traffic'), traffic(modem.traffic) ],
				[ _('Usage'), modem.usage ? [ lte.usage(modem.usage), lte.quota(modem.usage) ] : null ],
				[ _('Check'), watched(users[0]?.check) ],
				[ _('Temperature'), modem.temperature_c != null ? `${modem.temperature_c} °C` : null ],
				[ _('Own page'), pages.length ? pages : null ],
				[ _('To be mended'), errors.length ? errors.map((it) => E('div', {}, [ it ])) : null ]
			]),
			E('div', {}, lte.meters(modem.signal))
		]);
	},

	/* The interface that would use the modem and is taken down. */
	idle(modem, used) {
		const mine = [ 'auto', undefined, null, modem.modem, modem.section ];
		const sections = uci.sections('network', 'interface').filter((it) => it.proto == 'ltewan');
		const down = sections.filter((it) => !used.includes(it['.name']));
		return (down.find((it) => mine.includes(it.device)) ?? down[0])?.['.name'];
	},

	actions(card, modem, users, used) {
		const buttons = [];
		const name = modem.interface ?? users[0]?.interface ?? this.idle(modem, used);
		if (this.may.connect && name) {
			buttons.push(
				lte.button(_('Connect'), 'positive', () => lte.call.connect({ interface: name }),
					{ disabled: modem.interface && modem.state == 'connected' ? '' : null }),
				lte.button(_('Reconnect'), 'neutral', () => lte.call.reconnect({ interface: name }),
					{ disabled: modem.state == 'connected' ? null : '' }),
				lte.button(_('Disconnect'), 'neutral', () => this.disconnect(name)));
		}
		if (this.may.connect && !name)
			buttons.push(E('a', { class: 'btn cbi-button cbi-button-positive',
				href: lte.url('wizard', modem.modem) }, [ _('Set up a connection') ]));
		if (this.may.reset && modem.capabilities?.includes('reset'))
			buttons.push(lte.button(_('Restart modem'), 'negative', () => this.reset(modem)));
		if (this.may.history && modem.capabilities?.includes('history'))
			buttons.push(lte.button(_('Charts'), 'neutral', (ev) => this.toggleChart(card, modem, ev.currentTarget ?? ev.target),
				{ 'aria-expanded': String(!card.chart.hidden) }));
		return E('div', { class: 'ltewan-actions' }, buttons);
	},

	links(modem) {
		const links = LINKS.filter(([ , word, method ]) =>
			modem.capabilities?.includes(word) && this.may[method]);
		return E('div', { class: 'ltewan-links' }, links.map(([ page, word, , title ]) => {
			const unread = word == 'sms' && modem.sms_unread ? ` (${modem.sms_unread})` : '';
			const href = lte.url(page, modem.modem) + ([ 'network', 'device' ].includes(page) ? `#${word}` : '');
			return E('a', { href }, [ `${title}${unread}` ]);
		}));
	},

	disconnect(name) {
		return lte.confirm(_('Disconnect?'),
			_('The interface %s is taken down and stays down until it is connected again.').format(name),
			_('Disconnect'), () => lte.call.disconnect({ interface: name }));
	},

	reset(modem) {
		return lte.confirm(_('Restart the modem?'),
			_('Its connection is gone until it is back, half a minute or so.'),
			_('Restart'), () => lte.call.reset({ modem: modem.modem, level: 'reset' }));
	},

	toggleChart(card, modem, button) {
		card.chart.hidden = !card.chart.hidden;
		button.setAttribute('aria-expanded', String(!card.chart.hidden));
		if (card.chart.hidden || card.chart.firstChild)
			return null;
		return chart.open(card.chart, modem.modem);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
