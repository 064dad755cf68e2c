// Seed 1 (roles and permissions of a snippets app) on one version of npm `appwrite`: main.mjs web-sdk-N.

import { createRequire } from 'node:module';
import { Checks, env } from '../common/checks.mjs';
import { server } from '../common/server.mjs';
import { Visitor } from '../common/user.mjs';
import { provision } from './schema.mjs';
import { roles } from './roles.mjs';
import { rules } from './rules.mjs';
import { realtime } from './realtime.mjs';
import { sessions } from './sessions.mjs';

const sdk = process.argv[2];
const check = new Checks();
const { version } = createRequire(import.meta.url)(`${sdk}/package.json`);
check.eq('the SDK under test is the one named', `web-sdk-${version.split('.')[0]}`, sdk);

const admin = server('node-sdk-27');
const cast = { admin, guest: new Visitor(sdk) };
await check.section('provisioning', async () => {
  await provision(admin);
  cast.owner = await new Visitor(sdk, 'olivia').signUp();
  cast.other = await new Visitor(sdk, 'oscar').signUp();
  check.true('the SDK kept the session in localStorage', cast.owner.secret);
  check.eq('a login from a page shows no secret', cast.owner.current.secret ?? '', '');
  check.eq('the account is the one that signed up', (await cast.owner.account.get()).email, 'olivia@example.com');
});
for (const [name, part] of Object.entries({ sessions, roles, rules, realtime })) {
  await check.section(name, () => part(check, cast, { sdk, env }));
}
check.finish();
