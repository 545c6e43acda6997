'use strict';
'require view';
'require dom';
'require ltewan as lte';

/* The SIM: its slot, its settings and where they come from, what it has carried, PIN and PUK. Polls
 * `status` every five seconds; asks for `usage` when it is opened. */

const INTERVAL_S = 5;

/* Which fields an action wants, and what its button says. */
const ACTIONS = {
	unlock: { title: _('Unlock the SIM'), fields: [ 'pin' ] },
	unblock: { title: _('Unblock with the PUK'), fields: [ 'puk', 'new_pin' ] },
	change: { title: _('Change the PIN'), fields: [ 'pin', 'new_pin' ] },
	disable: { title: _('Ask for no PIN'), fields: [ 'pin' ] },
	enable: { title: _('Ask for the PIN'), fields: [ 'pin' ] }
};

/* Going over to another SIM takes this long at most. */
const SWITCH_S = 120;

const SLOTS = { present: _('a SIM'), absent: _('empty'), error: _('does not answer'), unknown: _('not known') };

/* Where a setting comes from. */
const SOURCES = {
	interface: _('the interface'), sim: _('the SIM profile'), table: _('the table of operators'),
	remembered: _('the table of operators, and it worked before'), network: _('the network'), default: _('the default')
};

const FIELDS = { pin: _('PIN'), new_pin: _('New PIN'), puk: _('PUK') };

function possible(sim) {
	switch (sim?.state) {
	case 'pin_required':
		return [ 'unlock' ];
	case 'puk_required':
		return [ 'unblock' ];
	case 'ready':
		return sim.pin_enabled ? [ 'change', 'disable' ] : [ 'enable' ];
	default:
		return [];
	}
}

/* When another SIM will be used. */
function plans({ next_s, back_s }) {
	return [
		next_s != null ? _('If the trouble with this SIM lasts, another is taken in %s.').format(lte.duration(next_s)) : null,
		back_s != null ? _('The first SIM is gone back to in %s.').format(lte.duration(back_s)) : null
	].filter((it) => it).map((text) => E('p', { class: 'ltewan-note' }, [ text ]));
}

return view.extend({
	load() {
		L.env.rpctimeout = Math.max(L.env.rpctimeout ?? 0, SWITCH_S);
		return Promise.all([ lte.call.status(),
			...[ 'pin', 'set_slot', 'usage', 'usage_reset' ].map((method) => lte.can(method)) ]);
	},

	render([ status, pin, slot, usage, forget ]) {
		this.may = { pin, slot, usage, forget };
		const part = (name) => E('div', { 'data-part': name }, []);
		this.parts = Object.fromEntries([ 'state', 'slots', 'plans', 'settings', 'usage' ].map((name) => [ name, part(name) ]));
		this.forms = E('div', {}, []);
		this.message = E('div', { role: 'status' }, []);
		const modems = lte.capable(status, 'pin');
		this.modem = modems[0]?.modem;
		this.update(status);
		if (usage)
			this.showUsage().catch(() => null);
		lte.poll(() => lte.call.status().then((it) => this.update(it)).catch(() => null), INTERVAL_S);
		const choose = (modem) => {
			this.modem = modem;
			this.shown = {};
			return lte.call.status().then((it) => this.update(it));
		};
		const { state, slots, plans, settings } = this.parts;
		return E('div', { class: 'ltewan' }, [
			lte.style(),
			E('h2', {}, [ _('SIM') ]),
			lte.picker(modems, choose),
			modems.length ? E([]) : lte.nothing(),
			E('div', { class: 'cbi-section' }, [ state, this.message, this.forms ]),
			slots, plans, settings, this.parts.usage
		]);
	},

	/* Makes a part anew when what it is about has changed: a button may have the focus, and what
	 * somebody is typing stays while the same can be done. */
	renew(name, node, about, make) {
		const shown = JSON.stringify([ this.modem, about ]);
		if (shown == this.shown?.[name])
			return;
		this.shown = Object.assign(this.shown ?? {}, { [name]: shown });
		dom.content(node, [ ...make() ]);
	},

	update(status) {
		const modem = (status.modems ?? []).find((it) => it.modem == this.modem);
		const sim = modem?.sim;
		dom.content(this.parts.state, [ modem ? lte.facts([
			[ _('Modem'), lte.modemName(modem, status.modems) ],
			[ _('SIM'), [ lte.simName(sim?.state), sim?.iccid ].filter((it) => it).join(' · ') ],
			[ _('Asks for its PIN'), sim?.pin_enabled == null ? null : sim.pin_enabled ? _('yes') : _('no') ],
			[ _('Attempts left at the PIN'), sim?.pin_retries_left ],
			[ _('Attempts left at the PUK'), sim?.puk_retries_left ]
		]) : E([]) ]);
		const actions = this.may.pin ? possible(sim) : [];
		this.renew('forms', this.forms, actions, () => actions.map((action) => this.form(action)));
		const list = modem?.slots ?? [];
		this.renew('slots', this.parts.slots, list, () => list.length > 1 ? this.slots(list) : []);
		dom.content(this.parts.plans, list.length > 1 ? plans(modem.sim_switch ?? {}) : []);
		const users = (status.interfaces ?? []).filter((it) => it.modem == this.modem && it.apn_source);
		this.renew('settings', this.parts.settings, users, () => users.flatMap((it) => this.settings(it)));
	},

	slots(list) {
		const use = (slot) => lte.confirm(_('Use the SIM in slot %d?').format(slot),
			_('The connection is gone until the other SIM is registered, a minute or so.'), _('Use'),
			() => lte.call.set_slot({ modem: this.modem, slot }).catch((error) => {
				// What is between browser and daemon gives up earlier; the table shows what comes of it.
				if (error.code != 'TIMEOUT')
					throw error;
			}).then(() => lte.call.status()).then((it) => this.update(it)));
		return [ E('div', { class: 'cbi-section' }, [
			E('h3', {}, [ _('SIM slots') ]),
			lte.table([ _('Slot'), _('State'), 'ICCID', '' ], list.map(({ slot, state, active, iccid }) => [
				`${slot}`, active ? [ SLOTS[state] ?? state, _('in use') ].join(', ') : SLOTS[state] ?? state, iccid,
				this.may.slot && !active ? lte.button(_('Use'), 'action', () => use(slot), { disabled: state == 'absent' ? '' : null }) : ''
			]))
		]) ];
	},

	settings(it) {
		const from = (name) => SOURCES[it[`${name}_source`]] ?? it[`${name}_source`];
		const names = { apn: _('Access point'), auth: _('Authentication'), pdptype: _('Addresses') };
		return [ E('div', { class: 'cbi-section' }, [
			E('h3', {}, [ _('Settings of %s').format(it.interface) ]),
			lte.table([ '', _('Used'), _('From') ], Object.entries(names).filter(([ name ]) => it[`${name}_source`])
				.map(([ name, title ]) => [ title, it[name] || '–', from(name) ]))
		]) ];
	},

	/* Every SIM that has carried something, in this period and in the one before. */
	showUsage() {
		return lte.call.usage().then(({ sims }) => dom.content(this.parts.usage, sims?.length ? [
			E('div', { class: 'cbi-section' }, [
				E('h3', {}, [ _('Usage') ]),
				lte.table([ 'SIM', _('This period'), _('The one before'), '' ], sims.map((sim) => [
					sim.iccid, E('div', {}, [ lte.usage(sim), lte.quota(sim) ]), lte.usage(sim.before), this.may.forget ? this.forget(sim) : ''
				]))
			])
		] : []));
	},

	forget({ sim, iccid }) {
		return lte.button(_('Count anew'), 'neutral', () => lte.confirm(_('Count anew?'),
			_('What SIM %s has carried in this period is forgotten.').format(iccid), _('Count anew'),
			() => lte.call.usage_reset({ iccid: sim }).then(() => this.showUsage())));
	},

	form(action) {
		const { title, fields } = ACTIONS[action];
		const inputs = fields.map((name) => E('input', {
			type: 'password', name, inputmode: 'numeric', autocomplete: 'off', required: '',
			pattern: name == 'puk' ? '[0-9]{8}' : '[0-9]{4,8}', maxlength: 8, class: 'cbi-input-text'
		}));
		const send = (force) => {
			const args = { modem: this.modem, action, force: force || undefined };
			inputs.forEach((input) => args[input.name] = input.value);
			return lte.call.pin(args).then((reply) => this.done(reply, inputs))
				.catch((error) => this.failed(error, () => send(true)));
		};
		const submit = lte.button(title, action == 'disable' ? 'negative' : 'positive', () => {
			if (inputs.every((input) => input.reportValidity()))
				return send(false);
		});
		return E('div', { class: 'ltewan-line', 'data-action': action }, [
			...inputs.map((input, i) => E('label', {}, [ FIELDS[fields[i]], ' ', input ])), submit
		]);
	},

	done(reply, inputs) {
		inputs.forEach((input) => input.value = '');
		const words = [ _('Done.') ];
		if (reply.pincode == 'other')
			words.push(_('The PIN in the configuration is another one: change it, or the next start costs an attempt.'));
		if (reply.pincode == 'none' && reply.pin_enabled)
			words.push(_('No PIN is configured: enter it in the interface or a SIM profile, or the SIM stays locked at the next start.'));
		dom.content(this.message, [ E('p', { class: 'alert-message notice' }, [ words.join(' ') ]) ]);
		return lte.call.status().then((it) => this.update(it));
	},

	failed(error, again) {
		const left = error.details?.pin_retries_left;
		const text = left == null ? error.message
			: `${error.message} ${_('%d attempts are left.').format(left)}`;
		dom.content(this.message, [ E('p', { class: 'alert-message warning', role: 'alert' }, [ text ]) ]);
		if (error.code != 'LAST_ATTEMPT')
			return null;
		return lte.confirm(_('Spend the last attempt?'),
			_('When it is wrong, the SIM is blocked.'), _('Spend it'), again);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
