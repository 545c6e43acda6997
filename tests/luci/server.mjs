/* What stands in for uhttpd, rpcd and LuCI's dispatcher: files, the access groups, a bridge to the
 * bus, and the configuration. The router behind it is the example `pages`, a line of JSON a request. */

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const app = path.join(root, 'luci-app-ltewan');
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/* Users of the tests, and the access groups each has. */
const USERS = { root: null, reader: [ 'luci-app-ltewan' ] };

/* The router: its answers come back by number. */
class Router {
	constructor() {
		const profile = process.env.LTEWAN_PROFILE ?? 'debug';
		const program = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), profile, 'examples/pages');
		this.process = spawn(program, { stdio: [ 'pipe', 'pipe', 'inherit' ] });
		this.waiting = new Map();
		this.last = 0;
		this.ready = new Promise((resolve, reject) => {
			this.process.on('error', reject);
			this.process.on('exit', (code) => {
				const error = new Error(`the router ended with ${code}`);
				reject(error);
				this.waiting.forEach(({ reject: refuse }) => refuse(error));
			});
			createInterface({ input: this.process.stdout }).on('line', (line) => {
				const answer = JSON.parse(line);
				if (answer.ready)
					return resolve();
				this.waiting.get(answer.id)?.resolve(answer);
				this.waiting.delete(answer.id);
			});
		});
	}

	ask(request) {
		const id = ++this.last;
		return new Promise((resolve, reject) => {
			this.waiting.set(id, { resolve, reject });
			this.process.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
		});
	}

	async act(request) {
		const { text, error } = await this.ask(request);
		if (error)
			throw new Error(error);
		return text;
	}

	stop() {
		const ended = new Promise((resolve) => this.process.on('exit', resolve));
		this.process.stdin.end();
		return ended;
	}
}

/* Whether one of a user's groups, for reading or writing, has this. */
async function may(user, scope, object, method) {
	const groups = JSON.parse(await readFile(path.join(app, 'root/usr/share/rpcd/acl.d/luci-app-ltewan.json')));
	return Object.entries(groups).some(([ name, group ]) => (!USERS[user] || USERS[user].includes(name)) &&
		[ group.read, group.write ].some((part) => scope == 'uci' ? part?.uci?.includes(object)
			: part?.[scope]?.[object]?.includes(method)));
}

const quoted = (text) => `'${String(text).replaceAll('\'', '\'\\\'\'')}'`;

function uciText(sections) {
	return Object.entries(sections).map(([ name, { '.type': type, ...options } ]) => [
		`config ${type} ${quoted(name)}`,
		...Object.entries(options).flatMap(([ option, value ]) => Array.isArray(value)
			? value.map((it) => `\tlist ${option} ${quoted(it)}`) : [ `\toption ${option} ${quoted(value)}` ])
	].join('\n')).join('\n\n') + '\n';
}

function page(kind, name, nav) {
	return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>` +
		'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">' +
		'<link rel="stylesheet" href="/stand-in/style.css"></head>' +
		`<body data-kind="${kind}" data-name="${name}"><nav>${nav}</nav>` +
		'<main><div id="notes"></div><div id="view"></div></main><div id="modal"></div>' +
		'<script src="/stand-in/luci.js"></script></body></html>';
}

export class StandIn {
	async start() {
		this.router = new Router();
		await this.router.ready;
		this.config = {
			network: {},
			ltewan: { globals: { '.type': 'ltewan', log_level: 'debug' } },
			firewall: { lan: { '.type': 'zone', name: 'lan', network: [ 'lan' ] }, wan: { '.type': 'zone', name: 'wan', network: [ 'wan' ] } }
		};
		this.staged = {};
		this.server = createServer((request, response) => this.serve(request, response).catch((error) => {
			response.writeHead(error.code == 'ENOENT' ? 404 : 500).end(String(error));
		}));
		await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		this.url = `http://127.0.0.1:${this.server.address().port}`;
	}

	async stop() {
		this.server.closeAllConnections();
		this.server.close();
		await this.router.stop();
	}

	/* A browser's context that is logged in. */
	async login(context, user = 'root') {
		await context.addCookies([ { name: 'user', value: user, url: this.url } ]);
	}

	modem(line) {
		return this.router.act({ modem: line });
	}

	/* A program of the router's. */
	install(name, text) {
		return this.router.act({ program: [ name, text ] });
	}

	/* So many packets of 1400 bytes go over the modem, and come back: its device is one by name, and
	 * counts nothing itself. */
	async carry(packets) {
		for (const [ name, value ] of [ [ 'statistics/rx_bytes', packets * 1400 ], [ 'statistics/tx_bytes', packets * 1400 ], [ 'ifindex', 7 ] ])
			await this.router.act({ write: [ `sys/class/net/wwan0/${name}`, `${value}\n` ] });
	}

	/* The sections of a configuration as they are kept. */
	async uci(name) {
		return this.config[name];
	}

	/* Enters values into a form. */
	enter(page, id, value) {
		return page.fill(`[id="widget.cbid.${id}"]`, [ value ].flat().join(' '));
	}

	/* There are no tabs. */
	async tab() {}

	save(page) {
		return page.locator('.cbi-button-apply').click();
	}

	async serve(request, response) {
		const user = /user=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'reader';
		const { pathname } = new URL(request.url, this.url);
		const [ , first, second ] = pathname.split('/');
		const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
		const chunks = [];
		for await (const chunk of request)
			chunks.push(chunk);
		const body = Buffer.concat(chunks).toString();
		if (first == 'ubus')
			return send('application/json', JSON.stringify(await this.call(user, JSON.parse(body))));
		if (first == 'uci' && request.method == 'PUT')
			return send('application/json', JSON.stringify(this.staged[second] = JSON.parse(body)));
		if (first == 'uci' && !await may(user, 'uci', second))
			return response.writeHead(403).end();
		if (first == 'uci')
			return send('application/json', JSON.stringify(this.config[second]));
		if (first == 'cgi-bin')
			return send('text/html; charset=utf-8', await this.page(pathname.split('/').slice(4)));
		const file = first == 'stand-in' ? path.join(here, path.normalize(pathname))
			: path.join(app, 'htdocs', path.normalize(pathname));
		return send(TYPES[path.extname(file)] ?? 'text/plain', await readFile(file));
	}

	async page([ place, name ]) {
		const menu = JSON.parse(await readFile(path.join(app, 'root/usr/share/luci/menu.d/luci-app-ltewan.json')));
		const nav = Object.entries(menu).filter(([ , it ]) => it.title && it.action.type == 'view')
			.map(([ at, it ]) => `<a href="/cgi-bin/luci/${at}">${it.title}</a>`).join('');
		if (place == 'modem')
			return page('view', menu[`admin/modem/${name}`].action.path.replace('/', '.'), nav);
		return place == 'status' ? page('include', 'view.status.include.35_ltewan', nav) : page('form', 'ltewan', nav);
	}

	async call(user, { id, params: [ , object, method, args ] }) {
		const answer = (...result) => ({ jsonrpc: '2.0', id, result });
		if (object == 'session')
			return answer(0, { access: await may(user, args.scope, args.object, args.function) });
		if (object == 'uci') {
			await this.apply();
			return answer(0);
		}
		if (!await may(user, 'ubus', object, method))
			return { jsonrpc: '2.0', id, error: { code: -32002, message: 'Access denied' } };
		if (object == 'file')
			return await may(user, 'file', args.path, 'read')
				? answer(0, { data: await this.router.act({ read: args.path.slice(1) }) }) : answer(6);
		const { status, data } = await this.router.ask({ call: [ object, method, args ] });
		return data ? answer(status, data) : answer(status);
	}

	async apply() {
		const staged = Object.entries(this.staged);
		this.staged = {};
		for (const [ name, sections ] of staged)
			if (JSON.stringify(this.config[name]) != JSON.stringify(sections))
				await this.configure(name, sections);
	}

	/* What procd and netifd do after a change. */
	async configure(name, sections) {
		this.config[name] = sections;
		if (name == 'ltewan') {
			await this.router.act({ write: [ 'etc/config/ltewan', uciText(sections) ] });
			await this.router.ask({ call: [ 'ltewan', 'reload', {} ] });
		}
		if (name == 'network') {
			const mine = Object.entries(sections).filter(([ , it ]) => it.proto == 'ltewan');
			const options = ({ '.type': type, proto, ...rest }) => rest;
			await this.router.act({ network: Object.fromEntries(mine.map(([ section, it ]) => [ section, options(it) ])) });
		}
	}
}
