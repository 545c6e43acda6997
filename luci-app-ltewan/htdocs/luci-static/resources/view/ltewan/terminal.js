'use strict';
'require view';
'require dom';
'require ltewan as lte';

/* AT commands and USSD codes. Polls nothing. */

const AT_TIMEOUT_MS = 60000;

return view.extend({
	load() {
		// Commands such as a search for networks take their time.
		L.env.rpctimeout = Math.max(L.env.rpctimeout ?? 0, 60);
		return lte.call.status();
	},

	render(status) {
		const parts = [ this.at(status), this.ussd(status) ].filter((part) => part);
		return E('div', { class: 'ltewan' }, [
			lte.style(),
			E('h2', {}, [ _('Codes and commands') ]),
			...parts.length ? parts : [ lte.nothing() ]
		]);
	},

	/* A line to type in, and what was said and answered above it. */
	dialogue(modems, label, attributes, ask) {
		const chosen = { modem: modems[0].modem };
		const log = E('div', { class: 'ltewan-console', role: 'log', tabindex: 0, 'aria-label': label }, []);
		const say = (text, style) => {
			log.appendChild(E('div', { style }, [ text ]));
			log.scrollTop = log.scrollHeight;
		};
		const input = E('input', Object.assign({ type: 'text', class: 'cbi-input-text',
			'aria-label': label, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' }, attributes));
		const history = [];
		let at = 0;
		const send = () => {
			const text = input.value.trim();
			if (!text)
				return null;
			history.push(text);
			at = history.length;
			input.value = '';
			say(`> ${text}`, 'font-weight:bold');
			return ask(chosen.modem, text).then((lines) => lines.forEach((line) => say(line)))
				.catch((error) => say(error.message, 'color:#c62828'))
				.finally(() => input.focus());
		};
		const button = lte.button(_('Send'), 'action', send);
		input.addEventListener('keydown', (ev) => {
			if (ev.key == 'Enter' && !button.disabled)
				button.click();
			if (ev.key == 'ArrowUp' || ev.key == 'ArrowDown') {
				at = Math.max(0, Math.min(history.length, at + (ev.key == 'ArrowUp' ? -1 : 1)));
				input.value = history[at] ?? '';
				ev.preventDefault();
			}
		});
		return [
			lte.picker(modems, (modem) => chosen.modem = modem),
			log,
			E('div', { class: 'ltewan-line' }, [ input, button ]),
			{ say, chosen }
		];
	},

	at(status) {
		const modems = lte.capable(status, 'at');
		if (!modems.length)
			return null;
		const ask = (modem, command) => lte.call.at({ modem, command, timeout_ms: AT_TIMEOUT_MS })
			.then((reply) => [ ...reply.lines ?? [], reply.result ]);
		const parts = this.dialogue(modems, _('AT command'), { placeholder: 'ATI' }, ask);
		return E('div', { class: 'cbi-section', 'data-part': 'at' }, [
			E('h3', {}, [ _('AT commands') ]),
			E('p', {}, [ _('They go to the modem as they are, and can erase its settings. Dialling is refused.') ]),
			...parts.slice(0, 3)
		]);
	},

	ussd(status) {
		const modems = lte.capable(status, 'ussd');
		if (!modems.length)
			return null;
		let is_open = false;
		const note = E('p', { role: 'status' }, []);
		const ask = (modem, text) => lte.call.ussd(is_open ? { modem, reply: text } : { modem, code: text })
			.then((answer) => {
				is_open = answer.state == 'reply_expected';
				dom.content(note, [ is_open ? _('The network waits for your answer.') : '' ]);
				return [ answer.text ?? '' ];
			}).catch((error) => {
				is_open = false;
				dom.content(note, [ '' ]);
				throw error;
			});
		const parts = this.dialogue(modems, _('USSD code'), { placeholder: '*100#', inputmode: 'text' }, ask);
		const { chosen } = parts[3];
		const cancel = lte.button(_('End'), 'neutral', () => {
			is_open = false;
			dom.content(note, [ '' ]);
			return lte.call.ussd({ modem: chosen.modem, cancel: true });
		});
		parts[2].appendChild(cancel);
		return E('div', { class: 'cbi-section', 'data-part': 'ussd' }, [
			E('h3', {}, [ _('USSD codes') ]), ...parts.slice(0, 3), note
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
