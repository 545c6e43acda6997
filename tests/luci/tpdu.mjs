/* Messages as the network brings them: SMS-DELIVER, 3GPP TS 23.040 9.2.2.1. */

const hex = (bytes) => Buffer.from(bytes).toString('hex');

/* Letters in septets, the first in the lowest bits (TS 23.038 6.1.2.1). */
function packed(text) {
	const bits = [ ...text ].flatMap((letter) => Array.from({ length: 7 }, (_, n) => letter.charCodeAt(0) >> n & 1));
	return Array.from({ length: Math.ceil(bits.length / 8) }, (_, n) =>
		bits.slice(n * 8, n * 8 + 8).reduce((byte, bit, at) => byte | bit << at, 0));
}

/* TS 23.040 9.1.2.5: a number in swapped digits, or a name of 11 letters at most, all of them ASCII. */
function address(sender) {
	if (!sender.startsWith('+'))
		return [ Math.ceil(sender.length * 7 / 4), 0xd0, ...packed(sender) ];
	const digits = sender.slice(1);
	const pairs = digits.padEnd(digits.length + digits.length % 2, 'F').match(/../g);
	return [ digits.length, 0x91, ...pairs.map((pair) => parseInt(pair[1] + pair[0], 16)) ];
}

/* A text in UCS-2, of the 21st of November 2026, noon. */
export function deliver(sender, text) {
	const letters = Buffer.from(text, 'utf16le').swap16();
	const time = [ 0x62, 0x11, 0x12, 0x21, 0x00, 0x00, 0x00 ];
	return hex([ 0x04, ...address(sender), 0x00, 0x08, ...time, letters.length, ...letters ]);
}
