/* Pictures of every page for docs/luci: light, dark, and as wide as a telephone. */

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lay } from './canned.mjs';
import { close, isReal, open, visitor } from './world.mjs';

const out = process.env.LTEWAN_SCREENSHOTS ??
	path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/luci');

const LOOKS = {
	light: { colorScheme: 'light', viewport: { width: 900, height: 600 } },
	dark: { colorScheme: 'dark', viewport: { width: 900, height: 600 } },
	phone: { colorScheme: 'light', viewport: { width: 360, height: 640 } }
};

/* A page without an end is shown so far: LuCI has tabs where the stand-in shows one after the other. */
const HEIGHTS = { settings: 1400 };

/* A configuration with something of each kind. */
const SETTINGS = {
	roof: { '.type': 'modem', match: 'usb:1-1', mode: [ 'lte' ], band: [ 'lte:3', 'lte:20' ], recover: [ 'redial', 'radio', 'reset' ], restart_time: '03:00' },
	simphone: { '.type': 'sim', iccid: '8949020*', apn: 'web.sim.example', quota_mb: '5000', quota_action: 'disconnect' },
	globals: { '.type': 'ltewan' }
};

/* What is done on a page before its picture is taken. */
const PAGES = {
	status: async (page) => {
		await page.getByRole('button', { name: 'Charts' }).click();
		await page.waitForSelector('.ltewan-chart polyline');
	},
	wizard: async (page) => {
		await page.getByRole('button', { name: 'Continue' }).click();
		await page.getByRole('button', { name: 'Continue' }).click();
		await page.waitForSelector('[name=apn]');
	},
	settings: async (page) => {
		if (isReal)
			return;
		world.config.ltewan = SETTINGS;
		await page.visit('modem/settings');
	},
	sim: null,
	device: (page) => page.waitForSelector('#gnss .ltewan-facts'),
	speed: (page) => page.waitForSelector('[data-part=results] .table'),
	network: async (page) => {
		await page.getByRole('button', { name: 'Search' }).click();
		await page.waitForSelector('#scan .table');
	},
	antenna: (page) => page.waitForSelector('.big'),
	sms: async (page) => {
		await page.locator('button', { hasText: '+4915112345678' }).click();
		await page.waitForSelector('.ltewan-bubble');
	},
	terminal: async (page) => {
		for (const [ part, command ] of [ [ 'at', 'ATI' ], [ 'ussd', '*100#' ] ]) {
			await page.locator(`[data-part=${part}] input`).fill(command);
			await page.locator(`[data-part=${part}] input`).press('Enter');
			await page.waitForSelector(`[data-part=${part}] .ltewan-console div:nth-child(2)`);
		}
	}
};

const world = await open();
try {
	await mkdir(out, { recursive: true });
	await world.modem('plug 0');
	const first = await visitor(world);
	await first.visit('modem/wizard');
	await first.getByRole('button', { name: 'Continue' }).click();
	await first.getByRole('button', { name: 'Continue' }).click();
	await first.getByRole('button', { name: 'Save and connect' }).click();
	await first.getByText('The router is connected.').waitFor();
	for (const [ look, options ] of Object.entries(LOOKS)) {
		const page = await visitor(world, 'root', options);
		await lay(page, '');
		for (const [ name, prepare ] of Object.entries(PAGES)) {
			await page.visit(`modem/${name}`);
			await prepare?.(page);
			await page.evaluate(() => document.activeElement?.blur());
			// A style sheet comes when it comes.
			await page.waitForLoadState('networkidle');
			const file = path.join(out, `${name}-${look}.png`);
			const height = Math.min(HEIGHTS[name] ?? Infinity, await page.evaluate(() => document.documentElement.scrollHeight));
			const clip = { x: 0, y: 0, width: options.viewport.width, height };
			await page.screenshot({ path: file, fullPage: true, clip });
			// Few colours are enough, and keep the repository small.
			await promisify(execFile)('pngquant', [ '--force', '--ext', '.png', '32', file ]);
		}
		await page.context().close();
	}
}
finally {
	await close(world);
}
