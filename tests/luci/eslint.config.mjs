/* The linter with LuCI's globals, and a rule that keeps hostile text from becoming markup. */

import js from '@eslint/js';

const browser = [ 'AudioContext', 'Blob', 'URL', 'URLSearchParams', 'document', 'window' ];
const luci = [ '_', 'E', 'L' ];
const modules = [ 'baseclass', 'dom', 'form', 'fs', 'network', 'poll', 'rpc', 'uci', 'ui', 'view',
	'lte', 'chart' ];

const markup = 'A string here is markup in LuCI: give an array, whose strings are text.';

export default [
	{
		files: [ 'luci-app-ltewan/**/*.js' ],
		languageOptions: {
			// A module of LuCI is the body of a function.
			sourceType: 'commonjs',
			ecmaVersion: 2023,
			globals: Object.fromEntries([ ...browser, ...luci, ...modules ].map((name) => [ name, 'readonly' ]))
		},
		rules: {
			...js.configs.recommended.rules,
			'no-eval': 'error',
			'no-implied-eval': 'error',
			'no-var': 'error',
			'prefer-const': 'error',
			'no-tabs': 'off',
			'no-restricted-globals': [ 'error', 'require', 'module', 'exports' ],
			'no-restricted-properties': [ 'error',
				...[ 'innerHTML', 'outerHTML', 'insertAdjacentHTML', 'rawhtml' ].map((property) =>
					({ property, message: 'Text from outside must never become markup.' })) ],
			'no-restricted-syntax': [ 'error',
				{ selector: 'CallExpression[callee.name="E"][arguments.length>2]' +
					':not([arguments.2.type="ArrayExpression"])' +
					':not([arguments.2.type="CallExpression"][arguments.2.callee.property.name=/^(map|flatMap|flat|concat|meters)$/])' +
					':not([arguments.2.type="Identifier"][arguments.2.name=/^(bars|buttons|options)$/])',
				message: markup },
				{ selector: 'CallExpression[callee.object.name="dom"][callee.property.name=/^(content|append)$/]' +
					':not([arguments.1.type="ArrayExpression"])' +
					':not([arguments.1.type="ConditionalExpression"])' +
					':not([arguments.1.type="CallExpression"][arguments.1.callee.property.name="map"])' +
					':not([arguments.1.type="CallExpression"][arguments.1.callee.name="body"])' +
					':not([arguments.1.type="CallExpression"][arguments.1.callee.name="buttons"])' +
					':not([arguments.1.type="Identifier"][arguments.1.name="parts"])',
				message: markup },
				{ selector: 'CallExpression[callee.object.name="ui"][callee.property.name=/^(showModal|addNotification)$/]' +
					':not([arguments.1.type=/^(ArrayExpression|CallExpression)$/])', message: markup } ]
		}
	}
];
