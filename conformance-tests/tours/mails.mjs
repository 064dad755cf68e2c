// What the mail server of a run took, read from its file.

import fs from 'node:fs';
import { until } from '../seeds/common/checks.mjs';

const decoders = {
  'quoted-printable': (text) => Buffer.from(text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_all, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString(),
  base64: (text) => Buffer.from(text, 'base64').toString(),
};

/** Subject and plain text of a message. */
function opened(message) {
  const [head, ...rest] = message.split(/\r?\n\r?\n/);
  const boundary = /boundary="?([^";\r\n]+)/i.exec(head)?.[1];
  const part = rest.join('\n\n').split(`--${boundary}`).find((piece) => /content-type: text\/plain/i.test(piece)) ?? '';
  const [partHead, ...partBody] = part.trimStart().split(/\r?\n\r?\n/);
  const encoding = /content-transfer-encoding: *(\S+)/i.exec(partHead)?.[1].toLowerCase();
  const text = (decoders[encoding] ?? String)(partBody.join('\n\n'));
  return { subject: /^subject: *(.*)$/im.exec(head)?.[1].trim(), text };
}

/** The newest mail to somebody, once there are `count` of them. */
export async function mail(to, count = 1) {
  const taken = () => (fs.existsSync(process.env.FERRITE_MAILS) ? fs.readFileSync(process.env.FERRITE_MAILS, 'utf8').trimEnd().split('\n') : [])
    .filter(Boolean).map((line) => JSON.parse(line)).filter((m) => m.to.some((line) => line.toLowerCase().includes(`<${to}>`)));
  if (!await until(() => taken().length >= count, 20000)) throw new Error(`no mail number ${count} to ${to}`);
  return opened(taken().at(-1).data);
}

/** Values of the link in a mail. */
export const link = ({ text }) => Object.fromEntries(new URL(/https?:\S+secret=\S+/.exec(text)[0]).searchParams);

/** The code in a mail. */
export const code = ({ text }) => /\b\d{6}\b/.exec(text)[0];
