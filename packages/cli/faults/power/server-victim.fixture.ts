/**
 * A victim of `power-loss`: an organisation is founded, its first accounts are sealed, kitted and set, and a whole drill
 * is run, on a server and on devices whose folders lie on the disk, and backed up. `server-victim.fixture.ts FOLDER LOG`
 */
import { join } from 'node:path';
import { createBackup, startServer } from '@halligan/server';
import { PersonHome } from '../../person-home.ts';
import { runDrill } from '../../practice/drill.ts';
import { Narrator } from '../../practice/narrator.ts';
import { foundPractice, furnish, practicePolicy } from '../../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../../practice/people.ts';
import { startTarget } from '../../practice/targets.ts';
import { startRelay } from '../../relay.fixture.ts';
import { witness } from './promise.ts';
import { SNAPSHOT_FROM } from './victims.fixture.ts';

const [folder = '', log = ''] = process.argv.slice(2);
const root = join(folder, 'home');
const acknowledged = witness(log);
const relay = await startRelay((event) => acknowledged({ event }));
await foundPractice(root, 'x25519');
const { target } = await startTarget(root, 'practice');
const server = await startServer(root, () => undefined, { snapshotFrom: SNAPSHOT_FROM });
relay.connect(server.url);
for (const id of Object.keys(PEOPLE))
  await (await PersonHome.open(personFolder(root, id))).learn({ url: relay.url });
const people = new People(root);
await furnish(root, people, target, practicePolicy('x25519'));
await runDrill(root, people, target, new Narrator(() => undefined));
await createBackup(root, join(folder, 'backup'), new Date().toISOString());
acknowledged({ backup: 'backup' });
await people.end();
await server.settled();
await server.stop();
await relay.close();
