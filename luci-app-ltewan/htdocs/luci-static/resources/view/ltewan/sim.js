'use strict';
'require view';
'require dom';
'require ltewan as lte';

/* PIN and PUK of the SIM. Polls `status` every five seconds. */

const INTERVAL_S = 5;

/* Which fields an action wants, and what its button says. */
const ACTIONS = {
	unlock: { title: _('Unlock the SIM'), fields: [ 'pin' ] },
	unblock: { title: _('Unblock with the PUK'), fields: [ 'puk', 'new_pin' ] },
	change: { title: _('Change the PIN'), fields: [ 'pin', 'new_pin' ] },
	disable: { title: _('Ask for no PIN'), fields: [ 'pin' ] },
	enable: { title: _('Ask for the PIN'), fields: [ 'pin' ] }
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

return view.extend({
	load() {
		return lte.call.status();
	},

	render(status) {
		this.state = E('div', {}, []);
		this.forms = E('div', {}, []);
		this.message = E('div', { role: 'status' }, []);
		const modems = lte.capable(status, 'pin');
		this.modem = modems[0]?.modem;
		this.update(status);
		lte.poll(() => lte.call.status().then((it) => this.update(it)).catch(() => null), INTERVAL_S);
		const choose = (modem) => {
			this.modem = modem;
			this.shown = null;
			return lte.call.status().then((it) => this.update(it));
		};
		return E('div', { class: 'ltewan' }, [
			lte.style(),
			E('h2', {}, [ _('PIN of the SIM') ]),
			lte.picker(modems, choose),
			modems.length ? E([]) : lte.nothing(),
			E('div', { class: 'cbi-section' }, [ this.state, this.message, this.forms ])
		]);
	},

	update(status) {
		const modem = (status.modems ?? []).find((it) => it.modem == this.modem);
		const sim = modem?.sim;
		dom.content(this.state, [ modem ? lte.facts([
			[ _('Modem'), lte.modemName(modem, status.modems) ],
			[ _('SIM'), lte.simName(sim?.state) ],
			[ _('Asks for its PIN'), sim?.pin_enabled == null ? null : sim.pin_enabled ? _('yes') : _('no') ],
			[ _('Attempts left at the PIN'), sim?.pin_retries_left ],
			[ _('Attempts left at the PUK'), sim?.puk_retries_left ]
		]) : E([]) ]);
		// What somebody is typing stays while the same can be done.
		const actions = possible(sim);
		const shown = JSON.stringify([ this.modem, actions ]);
		if (shown == this.shown)
			return;
		this.shown = shown;
		dom.content(this.forms, actions.map((action) => this.form(action)));
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
