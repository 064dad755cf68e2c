// Seed 2 (SFPLiberate's hybrid permission model): main.mjs node-sdk-N web-sdk-N. The Node SDK provisions, the web SDK is the app.

import { Checks, env } from '../common/checks.mjs';
import { server } from '../common/server.mjs';
import { Visitor } from '../common/user.mjs';
import { asTheSeedSays, provision } from './provision.mjs';
import { modules } from './modules.mjs';
import { community } from './community.mjs';
import { buckets } from './buckets.mjs';
import { files } from './files.mjs';
import { disk } from './disk.mjs';
import { publication } from './publication.mjs';

const [, , node, web] = process.argv;
const check = new Checks();
const admin = server(node);
const cast = { admin, guest: new Visitor(web) };

await check.section('provisioning', async () => {
  await provision(admin);
  for (const name of ['alice', 'bob', 'tester', 'boss']) cast[name] = await new Visitor(web, name).signUp();
  check.has('an alpha tester', await admin.users.updateLabels('tester', ['alpha']), { labels: ['alpha'] });
  check.has('an administrator', await admin.users.updateLabels('boss', ['admin']), { labels: ['admin'] });
  await asTheSeedSays(check, cast);
});
for (const [name, part] of Object.entries({ modules, community, buckets, files, disk, publication })) {
  await check.section(name, () => part(check, cast, env));
}
check.finish();
