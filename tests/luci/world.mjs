/* Chromium, and the router that the pages come from: the stand-in, or a real LuCI that is named. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { StandIn } from './server.mjs';

const CHROMIUM = [ process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser' ];

/* How long anything may take before it counts as never. */
export const LIMIT_MS = 30000;

const run = promisify(execFile);

/* uhttpd, rpcd and LuCI of a real root, which tests/luci/real has started. */
class Real {
	async start() {
		this.url = process.env.LTEWAN_LUCI_URL;
	}

	async stop() {}

	/* LuCI's own login, by its form. */
	async login(context, user = 'root') {
		const page = await context.newPage();
		await page.goto(`${this.url}/cgi-bin/luci/`);
		await page.fill('[name=luci_username]', user);
		await page.fill('[name=luci_password]', user == 'root' ? '' : user);
		await page.click('button.cbi-button-positive, .cbi-button-apply, button');
		await page.waitForSelector('#topmenu a', { timeout: LIMIT_MS });
		await page.close();
	}

	async modem(line) {
		const { stdout } = await run(process.env.LTEWAN_SIMMODEM, [ 'ctl', process.env.LTEWAN_MODEMS, ...line.split(' ') ]);
		return stdout.trim();
	}

	/* A program of the router's. */
	async install(name, text) {
		const file = path.join(process.env.LTEWAN_STAGE, name);
		await mkdir(path.dirname(file), { recursive: true });
		await writeFile(file, text, { mode: 0o755 });
	}

	/* So many packets of 1400 bytes go over the modem, and come back. */
	carry(packets) {
		return run('ping', [ '-q', '-i', '0.01', '-c', packets, '-s', 1372, '-I', 'wwan0', '192.0.2.1' ]);
	}

	/* The sections of a configuration as they are kept. */
	async uci(name) {
		const { stdout } = await run('chroot', [ process.env.LTEWAN_ROOT, 'ubus', 'call', 'uci', 'get', JSON.stringify({ config: name }) ],
			{ env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LD_LIBRARY_PATH: '/usr/lib' } });
		const own = (section) => Object.fromEntries(Object.entries(section).filter(([ key ]) => key == '.type' || key[0] != '.'));
		return Object.fromEntries(Object.entries(JSON.parse(stdout).values).map(([ key, section ]) => [ key, own(section) ]));
	}

	/* Enters values into a form: by typing where there is a line to type in, else through the widget. */
	async enter(page, id, value) {
		const line = page.locator(`[id="widget.cbid.${id}"]`);
		if (typeof value == 'string' && await line.count())
			return line.fill(value);
		await page.waitForSelector(`[id="cbid.${id}"]`, { state: 'attached' });
		await page.evaluate(([ it, set ]) => window.L.dom.callClassMethod(document.getElementById(it), 'setValue', set),
			[ `cbid.${id}`, value ]);
	}

	/* Opens a tab of a form. */
	tab(page, name) {
		return page.locator(`.cbi-tabmenu [data-tab="${name}"] a`).first().click();
	}

	save(page) {
		return page.locator('.cbi-page-actions .cbi-button-apply').first().click();
	}
}

export const isReal = process.env.LTEWAN_LUCI_URL != null;

export async function open() {
	const world = isReal ? new Real() : new StandIn();
	await world.start();
	const executablePath = CHROMIUM.find((it) => it && existsSync(it));
	world.browser = await chromium.launch({ executablePath, args: [ '--no-sandbox' ] });
	return world;
}

export async function close(world) {
	await world.browser.close();
	await world.stop();
}

/* A page of a user's; what goes wrong in it is kept in `faults`. */
export async function visitor(world, user = 'root', options = {}) {
	const context = await world.browser.newContext({ viewport: { width: 1000, height: 800 }, ...options });
	await world.login(context, user);
	const page = await context.newPage();
	page.setDefaultTimeout(LIMIT_MS);
	page.faults = [];
	page.on('console', (message) => message.type() == 'error' && page.faults.push(message.text()));
	page.on('pageerror', (error) => page.faults.push(error.message));
	page.on('dialog', (dialog) => {
		page.faults.push(`a dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	page.visit = async (place, ready = '.ltewan') => {
		await page.goto(`${world.url}/cgi-bin/luci/admin/${place}`);
		await page.waitForSelector(ready, { state: 'attached' });
	};
	return page;
}
