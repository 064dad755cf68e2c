// Previews and avatars: made by the Node SDK as a server does, shown by URLs of the web SDK as a page does.

import { Checks, env } from '../seeds/common/checks.mjs';
import { server } from '../seeds/common/server.mjs';
import { Browser } from '../seeds/common/browser.mjs';

const check = new Checks();
const node = server('node-sdk-27');
const { Query, Permission, Role } = node.lib;
const avatars = new node.lib.Avatars(node.client);
const tab = new Browser('web-sdk-28');
const web = tab.client(env);
const page = { storage: new tab.Appwrite.Storage(web), avatars: new tab.Appwrite.Avatars(web) };

/** Width and height of a PNG, or what it is instead. */
function size(bytes) {
  const view = Buffer.from(bytes);
  if (!view.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return view.subarray(0, 12).toString('latin1');
  return [view.readUInt32BE(16), view.readUInt32BE(20)];
}

/** What a page gets that shows an address. */
async function shown(url) {
  const answer = await fetch(String(url));
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, type: answer.headers.get('content-type'), cache: answer.headers.get('x-appwrite-cache'), bytes };
}

await check.section('the server side', async () => {
  await node.storage.createBucket('pictures', 'Pictures', [Permission.read(Role.any())]);
  const flag = Buffer.from(await avatars.getFlag('us', 240, 160));
  check.eq('a flag in the size asked for', size(flag), [240, 160]);
  check.eq('initials', size(await avatars.getInitials('Ann Bee', 90, 60)), [90, 60]);
  check.eq('a QR code', size(await avatars.getQR('hello', 200)), [200, 200]);
  check.eq('a card', size(await avatars.getCreditCard('visa')), [100, 100]);
  check.eq('a browser', size(await avatars.getBrowser('ff', 64, 64)), [64, 64]);
  await check.fails('no private address is fetched', 404, 'avatar_remote_url_failed', () => avatars.getImage('http://127.0.0.1:1/a.png'));
  await node.storage.createFile('pictures', 'flag', node.file(flag, 'flag.png'));
  await node.storage.createFile('pictures', 'text', node.file(Buffer.from('hello'), 'a.txt'));
  const preview = (...more) => node.storage.getFilePreview('pictures', 'flag', ...more);
  check.eq('a preview keeps the shape', size(await preview(120)), [120, 80]);
  check.eq('cut to a square', size(await preview(50, 50, 'top-left')), [50, 50]);
  check.eq('with border, corners and rotation', size(await preview(300, 100, undefined, undefined, 5, 'ff0000', 50, 0.5, 45)), [284, 284]);
  check.eq('as WebP', Buffer.from(await preview(60, 0, undefined, 70, 0, undefined, 0, undefined, 0, undefined, 'webp')).subarray(8, 12).toString(), 'WEBP');
  check.eq('other files have an icon', size(await node.storage.getFilePreview('pictures', 'text')), [1200, 800]);
  const bad = () => preview(5000);
  await check.fails('bounds are told', 400, 'general_argument_invalid', bad, 'Invalid `width` param: Value must be a valid range between 0 and 4,000');
  check.eq('both files are listed', (await node.storage.listFiles('pictures', [Query.limit(5)])).total, 2);
});

await check.section('a page', async () => {
  const url = page.storage.getFilePreview({ bucketId: 'pictures', fileId: 'flag', width: 96, quality: 80, output: 'jpg' });
  const first = await shown(url);
  check.eq('shows a preview by its address', [first.status, first.type, first.cache, first.bytes.readUInt16BE(0)], [200, 'image/jpeg', 'miss', 0xffd8]);
  const again = await shown(url);
  check.eq('which is kept', [again.status, again.cache, again.bytes.equals(first.bytes)], [200, 'hit', true]);
  const avif = await shown(page.storage.getFilePreview({ bucketId: 'pictures', fileId: 'flag', width: 64, output: 'avif' }));
  check.eq('also as AVIF', [avif.status, avif.type, avif.bytes.subarray(4, 12).toString('latin1')], [200, 'image/avif', 'ftypavif']);
  const initials = await shown(page.avatars.getInitials({ name: 'Ann Bee', width: 40, height: 40 }));
  check.eq('and initials', [initials.status, initials.type, size(initials.bytes)], [200, 'image/png', [40, 40]]);
  await node.storage.updateBucket('pictures', 'Pictures', []);
  check.eq('no longer when nobody may read', (await shown(url)).status, 401);
  const token = await new node.lib.Tokens(node.client).createFileToken('pictures', 'flag');
  check.eq('but with a token', (await shown(page.storage.getFilePreview({ bucketId: 'pictures', fileId: 'flag', width: 96, quality: 80, output: 'jpg', token: token.secret }))).status, 200);
});
check.finish();
