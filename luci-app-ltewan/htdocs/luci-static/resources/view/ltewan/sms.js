'use strict';
'require view';
'require dom';
'require ltewan as lte';

/* Messages as conversations. Polls `sms_list` every ten seconds. */

const INTERVAL_S = 10;

const STATES = {
	unread: _('new'),
	incomplete: _('a part is missing'),
	sending: _('being sent'),
	sent: _('sent'),
	delivered: _('delivered'),
	failed: _('not sent')
};

function when(time) {
	const date = new Date(time);
	return isNaN(date) ? (time ?? '') : date.toLocaleString();
}

/* Messages by the number they are from or to, the latest conversation first. */
function conversations(messages) {
	const map = new Map();
	for (const message of messages) {
		if (!map.has(message.number))
			map.set(message.number, []);
		map.get(message.number).push(message);
	}
	const latest = (list) => list.reduce((last, it) => it.time > last ? it.time : last, '');
	for (const list of map.values())
		list.sort((a, b) => String(a.time).localeCompare(String(b.time)));
	return [ ...map ].sort((a, b) => latest(b[1]).localeCompare(latest(a[1])));
}

return view.extend({
	load() {
		// A long message is several, and each takes its time.
		L.env.rpctimeout = Math.max(L.env.rpctimeout ?? 0, 60);
		return lte.call.status();
	},

	render(status) {
		const modems = lte.capable(status, 'sms');
		const page = [ lte.style(), E('h2', {}, [ _('Messages') ]) ];
		if (!modems.length)
			return E('div', { class: 'ltewan' }, [ ...page, lte.nothing() ]);
		this.modem = modems[0].modem;
		this.number = null;
		this.list = E('div', {}, []);
		this.thread = E('div', { class: 'ltewan-bubbles', role: 'log', tabindex: 0, 'aria-label': _('Conversation') }, []);
		this.title = E('h3', {}, []);
		this.foot = E('p', {}, []);
		const choose = (modem) => {
			this.modem = modem;
			this.number = null;
			return this.load_list();
		};
		const shown = this.load_list();
		lte.poll(() => this.load_list().catch(() => null), INTERVAL_S);
		return shown.catch((error) => lte.notify(error)).then(() => E('div', { class: 'ltewan' }, [
			...page, lte.picker(modems, choose),
			E('div', { class: 'ltewan-columns' }, [
				E('div', { class: 'cbi-section' }, [ this.list, this.foot ]),
				E('div', { class: 'cbi-section' }, [ this.title, this.thread, this.composer() ])
			])
		]));
	},

	load_list() {
		return lte.call.sms_list({ modem: this.modem }).then((reply) => this.update(reply));
	},

	update(reply) {
		const text = JSON.stringify([ reply, this.number ]);
		if (text == this.shown)
			return;
		this.shown = text;
		this.reply = reply;
		const all = conversations(reply.messages ?? []);
		dom.content(this.list, all.length ? all.map(([ number, messages ]) => this.entry(number, messages))
			: [ E('p', {}, [ _('There are no messages.') ]) ]);
		const { used, total } = reply.storage ?? {};
		dom.content(this.foot, [ total ? _('%d of %d places are taken.').format(used, total) : '' ]);
		this.show(all.find(([ number ]) => number == this.number)?.[1] ?? []);
	},

	entry(number, messages) {
		const unread = messages.filter((it) => it.state == 'unread').length;
		const last = messages[messages.length - 1];
		return E('div', { class: 'ltewan-line' }, [
			E('button', {
				class: 'btn', type: 'button', style: 'flex:1;text-align:left;white-space:normal;height:auto',
				'aria-pressed': String(number == this.number), click: () => this.open(number, messages)
			}, [
				E('strong', {}, [ number || _('unknown') ]), unread ? ` (${unread})` : '', ` · ${when(last.time)}`,
				E('br'), E('span', { style: 'opacity:.75' }, [ String(last.text ?? '').slice(0, 60) ])
			])
		]);
	},

	open(number, messages) {
		this.number = number;
		this.to.value = number ?? '';
		const unread = messages.filter((it) => it.state == 'unread').map((it) => it.id);
		this.update(this.reply);
		if (unread.length)
			lte.call.sms_read({ modem: this.modem, ids: unread }).then(() => this.load_list())
				.catch((error) => lte.notify(error));
	},

	show(messages) {
		dom.content(this.title, [ this.number ?? _('New message') ]);
		dom.content(this.thread, messages.map((it) => E('div', { class: `ltewan-bubble ${it.direction == 'out' ? 'out' : ''}` }, [
			it.text ?? '',
			E('div', {}, [
				[ when(it.time), STATES[it.state],
					it.state == 'incomplete' ? `${it.parts_have}/${it.parts}` : null ].filter((x) => x).join(' · '), ' ',
				E('button', { class: 'btn cbi-button-negative', type: 'button', title: _('Delete'), 'aria-label': _('Delete'),
					style: 'padding:0 .5em;line-height:1.4', click: () => this.remove([ it.id ]) }, [ '×' ])
			])
		])));
		this.thread.scrollTop = this.thread.scrollHeight;
		if (messages.length > 1)
			this.thread.appendChild(lte.button(_('Delete the conversation'), 'negative',
				() => this.remove(messages.map((it) => it.id))));
	},

	remove(ids) {
		return lte.confirm(_('Delete?'), ids.length > 1
			? _('%d messages are deleted from the modem and the SIM.').format(ids.length)
			: _('The message is deleted from the modem or the SIM.'), _('Delete'),
		() => lte.call.sms_delete({ modem: this.modem, ids }).then(() => this.load_list()))
			.catch((error) => lte.notify(error));
	},

	composer() {
		this.to = E('input', { type: 'tel', class: 'cbi-input-text', 'aria-label': _('Number'), placeholder: '+49…',
			pattern: '\\+?[0-9*#]{1,20}', required: '', autocomplete: 'off' });
		const text = E('textarea', { class: 'cbi-input-textarea', rows: 3, style: 'width:100%;box-sizing:border-box',
			'aria-label': _('Text'), required: '', maxlength: 1500 }, []);
		const count = E('p', { class: 'ltewan-note' }, []);
		text.addEventListener('input', () => dom.content(count, [ _('%d characters').format(text.value.length) ]));
		const send = () => {
			if (![ this.to, text ].every((input) => input.reportValidity()))
				return null;
			return lte.call.sms_send({ modem: this.modem, number: this.to.value, text: text.value }).then(() => {
				this.number = this.to.value;
				text.value = '';
				dom.content(count, []);
				return this.load_list();
			});
		};
		return E('div', {}, [
			E('div', { class: 'ltewan-line' }, [ this.to, lte.button(_('Send'), 'positive', send) ]), text, count
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
