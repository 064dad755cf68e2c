// "File Access" of the checklist.

import zlib from 'node:zlib';
import { createHash } from 'node:crypto';
import { eeprom, fetchFile } from './library.mjs';

export async function files(check, { admin, alice, bob, tester, boss, guest }, env) {
  const bytes = eeprom('private');
  await alice.storage.createFile('user-eeprom', 'private', alice.file(bytes, 'private.bin'), alice.own('read', 'update', 'delete'));
  const own = await fetchFile(alice, env, 'user-eeprom', 'private');
  check.eq('A downloads her own', [own.status, own.bytes.equals(bytes)], [200, true]);
  check.eq('as an attachment', own.headers.get('content-disposition'), 'attachment; filename="private.bin"');
  for (const who of [bob, guest, tester, boss]) {
    for (const what of ['download', 'view']) {
      const answer = await fetchFile(who, env, 'user-eeprom', 'private', what);
      check.eq(`${who.name}: no ${what}`, [answer.status, answer.type], [404, 'storage_file_not_found']);
    }
    await check.fails(`${who.name} does not see its description`, 404, 'storage_file_not_found', () => who.storage.getFile('user-eeprom', 'private'));
    await check.fails(`${who.name} does not delete it`, 401, 'user_unauthorized', () => who.storage.deleteFile('user-eeprom', 'private'));
  }
  check.eq('another user lists nothing', (await bob.storage.listFiles('user-eeprom')).files.map((f) => f.$id).includes('private'), false);

  const blob = eeprom('community', 4096);
  await admin.storage.createFile('community-blobs', 'blob', admin.file(blob, 'blob.bin'));
  const photo = picture();
  const stored = await admin.storage.createFile('community-photos', 'photo', admin.file(photo, 'module.png'));
  check.has('a photo is recognised', stored, { mimeType: 'image/png', sizeOriginal: photo.length, signature: createHash('md5').update(photo).digest('hex') });
  for (const who of [tester, boss]) {
    check.eq(`${who.name} downloads the community blob`, (await fetchFile(who, env, 'community-blobs', 'blob')).bytes.equals(blob), true);
    const view = await fetchFile(who, env, 'community-photos', 'photo', 'view');
    check.eq(`${who.name} views the photo`, [view.status, view.headers.get('content-type'), view.bytes.equals(photo)], [200, 'image/png', true]);
  }
  for (const who of [alice, guest]) {
    for (const [bucket, file] of [['community-blobs', 'blob'], ['community-photos', 'photo']]) {
      const answer = await fetchFile(who, env, bucket, file);
      check.eq(`${who.name} gets nothing from ${bucket}`, [answer.status, answer.type], [401, 'user_unauthorized']);
    }
  }
  await check.fails('testers read, they do not upload', 401, 'user_unauthorized',
    () => tester.storage.createFile('community-blobs', 'unique()', tester.file(blob, 'mine.bin'), []));
}

/** A valid picture of 64 × 64 points. */
function picture() {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(checksum(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.from([0, 0, 0, 64, 0, 0, 0, 64, 8, 0, 0, 0, 0]);
  const rows = Buffer.from(Array.from({ length: 64 }, (_, y) => [0, ...Array.from({ length: 64 }, (_, x) => (x * y) & 255)]).flat());
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** CRC-32 as PNG wants it; zlib has it only in newer Nodes. */
function checksum(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
