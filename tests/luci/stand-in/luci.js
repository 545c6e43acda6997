/* The smallest stand-in for LuCI's loader and classes that the pages run on, written after LuCI's
 * documentation. It knows no theme, no login and no validation, and what it lacks the pages do not
 * use. Like LuCI it takes a string of children for markup and the strings of an array for text. */

'use strict';

(() => {
const RESOURCES = '/luci-static/resources/';

/* ---- elements ---- */

function append(node, children) {
	if (Array.isArray(children))
		for (const child of children)
			child instanceof Node ? node.appendChild(child)
				: child != null && node.appendChild(document.createTextNode(`${child}`));
	else if (children instanceof Node)
		node.appendChild(children);
	else if (children != null)
		node.innerHTML = `${children}`;
	return node;
}

window.E = function(tag, attributes, children) {
	if (Array.isArray(tag))
		return append(document.createDocumentFragment(), tag);
	const node = document.createElement(tag);
	for (const [ name, value ] of Object.entries(attributes ?? {}))
		if (typeof(value) == 'function')
			node.addEventListener(name, value);
		else if (value != null)
			node.setAttribute(name, typeof(value) == 'object' ? JSON.stringify(value) : value);
	return append(node, children);
};

window._ = (text) => text;

/* %s, %d, %.1f, and with %1024.1m a number with a prefix. */
String.prototype.format = function(...values) {
	return this.replace(/%(\d+)?(?:\.(\d+))?([sdfm%])/g, (whole, base, digits, kind) => {
		if (kind == '%')
			return '%';
		let value = values.shift();
		if (kind == 'd')
			return String(Math.floor(value));
		if (kind == 'f')
			return Number(value).toFixed(digits ?? 6);
		if (kind == 's')
			return String(value);
		let n = 0;
		for (; value >= base && n < 4; n++)
			value /= base;
		return `${Number(value).toFixed(digits ?? 2)} ${[ '', 'K', 'M', 'G', 'T' ][n]}`;
	});
};

/* ---- what modules stand on ---- */

const classOf = { extend: (methods) => methods };
const dom = {
	append,
	content(node, children) {
		node.replaceChildren();
		return append(node, children);
	}
};

const poll = {
	add: (fn, seconds) => {
		let waits = false;
		const step = () => {
			if (waits)
				return;
			waits = true;
			Promise.resolve(fn()).finally(() => waits = false);
		};
		setTimeout(step, 0);
		setInterval(step, seconds * 1000);
	}
};

let requests = 0;
function post(object, method, args) {
	const call = { jsonrpc: '2.0', id: ++requests, method: 'call', params: [ 'session', object, method, args ] };
	return fetch('/ubus/', { method: 'POST', body: JSON.stringify(call) }).then((it) => it.json()).then((reply) => {
		if (reply.error)
			throw new Error(reply.error.message);
		return reply.result.length > 1 ? reply.result[1] : reply.result[0];
	});
}

const rpc = {
	declare: ({ object, method, params, expect }) => (...values) => {
		const args = {};
		(params ?? []).forEach((name, n) => values[n] !== undefined && (args[name] = values[n]));
		const [ key ] = Object.keys(expect ?? {});
		return post(object, method, args).then((reply) => key ? reply?.[key] ?? expect[key] : reply);
	},
	getStatusText: (status) => `Status ${status}`
};

const ui = {
	changes: { init: () => null },
	addNotification(title, children) {
		document.getElementById('notes').appendChild(append(E('div', { class: 'alert-message', role: 'alert' }), children));
	},
	showModal(title, children) {
		const box = append(E('div', { class: 'modal', role: 'dialog', 'aria-modal': 'true' }, [ E('h4', {}, title) ]), children);
		dom.content(document.getElementById('modal'), [ box ]);
	},
	hideModal: () => document.getElementById('modal').replaceChildren(),
	createHandlerFn: (context, fn) => (ev) => {
		const button = ev.currentTarget;
		button.disabled = true;
		Promise.resolve(fn.call(context, ev)).finally(() => button.disabled = false);
	}
};

/* ---- configuration: an object a package, by the section's name ---- */

const packages = {};
const uci = {
	load: (name) => fetch(`/uci/${name}`).then((it) => it.json()).then((it) => packages[name] = it),
	sections: (name, type) => Object.entries(packages[name] ?? {})
		.map(([ section, options ]) => ({ '.name': section, ...options })).filter((it) => !type || it['.type'] == type),
	get: (name, section, option) => option ? packages[name]?.[section]?.[option] : packages[name]?.[section],
	set: (name, section, option, value) => packages[name][section][option] = value,
	unset: (name, section, option) => delete packages[name][section][option],
	add: (name, type, section) => (packages[name][section] = { '.type': type }, section),
	remove: (name, section) => delete packages[name][section],
	save: () => Promise.all(Object.entries(packages).map(([ name, sections ]) =>
		fetch(`/uci/${name}`, { method: 'PUT', body: JSON.stringify(sections) }))),
	apply: () => post('uci', 'apply', {})
};

const fs = { read: (path) => post('file', 'read', { path }).then((reply) => reply.data) };

/* ---- forms: a label and a field an option ---- */

const maps = [];

class Option {
	constructor(section, name, title, description) {
		Object.assign(this, { section, option: name, title, description, choices: [], needs: [], enabled: '1' });
	}
	get name() { return this.ucioption ?? this.option; }
	value(key, label) { this.choices.push([ key, label ?? key ]); }
	depends(option, value) { this.needs.push([ option, value ]); }
	load(section) { return uci.get(this.section.map.config, section, this.name); }
	field() { return E('input', { type: this.password ? 'password' : 'text', placeholder: this.placeholder }); }
	fill(field, value) { field.value = value ?? this.default ?? ''; }
	read(field) { return field.value; }

	async render(section) {
		const value = await this.load(section);
		const field = this.field();
		field.name = this.option;
		field.id = `widget.cbid.${this.section.map.config}.${section}.${this.option}`;
		this.fill(field, value);
		this.fields = Object.assign(this.fields ?? {}, { [section]: field });
		return E('div', { class: 'cbi-value', 'data-name': this.option }, [
			E('label', {}, [ E('span', {}, [ this.title ]), field ]),
			this.description ? append(E('small'), this.description) : E([])
		]);
	}

	save(section) {
		const value = this.read(this.fields[section]);
		for (const verdict of [ value ].flat().map((it) => this.validate?.(section, it)))
			if (typeof(verdict) == 'string')
				throw new Error(`${this.title}: ${verdict}`);
		const config = this.section.map.config;
		if (value == null || value == '' || (String(value) == String(this.default) && this.rmempty !== false))
			uci.unset(config, section, this.name);
		else
			uci.set(config, section, this.name, value);
	}
}

class Value extends Option {
	field() {
		const field = super.field();
		if (this.choices.length) {
			const id = `list-${this.option}-${Math.floor(performance.now() * 1000)}`;
			field.setAttribute('list', id);
			document.body.appendChild(E('datalist', { id }, this.choices.map(([ value, label ]) => E('option', { value }, [ label ]))));
		}
		return field;
	}
}

class ListValue extends Option {
	field() { return E('select', {}, this.choices.map(([ value, label ]) => E('option', { value }, [ label ]))); }
}

class Flag extends Option {
	field() { return E('input', { type: 'checkbox' }); }
	fill(field, value) { field.checked = (value ?? this.default ?? '0') == '1'; }
	read(field) { return field.checked ? '1' : this.default == '1' ? '0' : null; }
}

class DynamicList extends Value {
	fill(field, value) { field.value = [ value ?? [] ].flat().join(' '); }
	read(field) {
		const words = field.value.split(' ').filter((word) => word);
		return words.length ? words : null;
	}
}

class Section {
	constructor(map, type, name, title) { Object.assign(this, { map, type, name, title, children: [] }); }
	tab() {}
	option(cls, ...rest) {
		const option = new cls(this, ...rest);
		this.children.push(option);
		return option;
	}
	taboption(tab, ...rest) { return this.option(...rest); }
	names() { return this.name ? [ this.name ] : uci.sections(this.map.config, this.type).map((it) => it['.name']); }

	async render() {
		const node = E('div', { class: 'cbi-section', 'data-type': this.type }, [ E('h3', {}, [ this.title ?? '' ]) ]);
		for (const name of this.names()) {
			node.appendChild(E('h4', {}, [ name ]));
			for (const child of this.children)
				node.appendChild(await child.render(name));
		}
		if (this.addremove) {
			const input = E('input', { class: 'cbi-section-create-name', placeholder: 'name' });
			node.appendChild(E('div', { class: 'cbi-section-create' }, [ input, E('button', { class: 'btn cbi-button-add', click: () => {
				uci.add(this.map.config, this.type, input.value);
				this.render().then((fresh) => node.replaceWith(fresh));
			} }, [ 'Add' ]) ]));
		}
		return node;
	}
	save() { this.names().forEach((name) => this.children.forEach((child) => child.save(name))); }
}

class FormMap {
	constructor(config, title, description) { Object.assign(this, { config, title, description, parts: [] }); maps.push(this); }
	section(kind, type, second, third) {
		const section = kind == 'named' ? new Section(this, second, type, third) : new Section(this, type, null, second);
		this.parts.push(section);
		return section;
	}
	async render() {
		await uci.load(this.config);
		return E('div', {}, [ E('h2', {}, [ this.title ?? '' ]), E('p', {}, [ this.description ?? '' ]),
			...await Promise.all(this.parts.map((it) => it.render())) ]);
	}
	save() { this.parts.forEach((it) => it.save()); }
}

const form = { Map: FormMap, NamedSection: 'named', TypedSection: 'typed',
	Value, ListValue, Flag, DynamicList, MultiValue: DynamicList };

/* What protocols and error codes register is kept for the tests to look at. */
const network = {
	errors: {}, protocols: {},
	registerErrorCode: (code, text) => network.errors[code] = text,
	registerPatternVirtual() {},
	registerProtocol: (name, methods) => network.protocols[name] = methods
};

/* ---- the loader ---- */

const builtin = { baseclass: classOf, view: classOf, dom, poll, rpc, ui, uci, fs, form, network };
const loaded = {};

function load(name) {
	if (builtin[name])
		return Promise.resolve(builtin[name]);
	return loaded[name] ??= (async () => {
		const text = await (await fetch(`${RESOURCES}${name.replaceAll('.', '/')}.js`)).text();
		const wanted = [ ...text.matchAll(/^'require ([\w.]+)(?: as (\w+))?';$/gm) ];
		const modules = await Promise.all(wanted.map(([ , module ]) => load(module)));
		const names = wanted.map(([ , module, as ]) => as ?? module);
		return new Function(...names, `${text}\n//# sourceURL=${name}`)(...modules);
	})();
}

window.L = {
	env: {},
	isObject: (it) => it != null && typeof(it) == 'object',
	toArray: (it) => it == null || it == '' ? [] : Array.isArray(it) ? it : String(it).split(/\s+/),
	resolveDefault: (promise, fallback) => Promise.resolve(promise).catch(() => fallback),
	resource: (...path) => RESOURCES + path.join('/'),
	url: (...path) => `/cgi-bin/luci/${path.join('/')}`
};

async function show(name, args) {
	const module = await load(name);
	const data = await module.load?.();
	const node = await module.render(data, ...args ?? []);
	document.getElementById('view').replaceChildren(node ?? '');
	return module;
}

/* A page of the menu, with the button that saves its forms. */
async function showView(name) {
	const module = await show(`view.${name}`);
	if (module.handleSaveApply === null)
		return;
	const save = () => {
		maps.forEach((map) => map.save());
		return uci.save().then(uci.apply).then(() => ui.addNotification(null, [ 'Saved' ]));
	};
	document.getElementById('view').appendChild(
		E('button', { class: 'btn cbi-button-apply', click: ui.createHandlerFn(null, save) }, [ 'Save & Apply' ]));
}

/* The form of an interface, as LuCI shows it in the list of interfaces. */
async function showForm(name) {
	await load(`protocol.${name}`);
	await uci.load('network');
	if (!uci.get('network', 'wwan'))
		uci.add('network', 'interface', 'wwan');
	uci.set('network', 'wwan', 'proto', name);
	const map = new FormMap('network', 'Interface');
	map.render = async () => E('div', {}, await Promise.all(map.parts.map((it) => it.render())));
	network.protocols[name].renderFormOptions(map.section(form.NamedSection, 'wwan', 'interface'));
	document.getElementById('view').replaceChildren(await map.render(),
		E('button', { class: 'btn cbi-button-apply', click: () => { map.save(); uci.save().then(uci.apply); } }, [ 'Save & Apply' ]));
	window.test = { network };
}

const { kind, name } = document.body.dataset;
const shown = kind == 'view' ? showView(name) : kind == 'form' ? showForm(name) : show(name);
shown.then(() => document.body.dataset.shown = 'yes').catch((error) => {
	document.getElementById('view').textContent = error.stack;
	throw error;
});
})();
