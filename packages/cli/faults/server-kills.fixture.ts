/**
 * A whole server under load, killed without warning again and again: people hand in signed notes with texts and files,
 * several at once; what was answered with 201 must be on the record, with whatever it names, and the server must start.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { HalliganError } from '@halligan/format';
import { makePlainAttachment, textAttachment } from '@halligan/statement';
import { Device } from '../device.ts';
import { type LiveOpening, liveOpening } from '../live-opening.fixture.ts';
import { PersonHome } from '../person-home.ts';
import { personFolder } from '../practice/people.ts';
import { type Relay, startRelay } from '../relay.fixture.ts';
import { startServerProcess } from '../server-process.fixture.ts';
import { judgeHome, judgeStart } from './home-judge.fixture.ts';

/** After so many kills another organisation is founded: what one emergency holds is not without bounds. */
const KILLS_PER_ORGANISATION = 25;
/** Who writes notes, and how many at once. */
const WRITERS = ['ana', 'ana', 'ben', 'ben'] as const;

export interface ServerKillsReport {
  readonly kills: number;
  /** Events that were answered with 201. */
  readonly acknowledged: number;
  readonly wrong: readonly string[];
}

/** @param progress hears of each kill */
export async function serverKills(
  kills: number,
  progress: (line: string) => void,
): Promise<ServerKillsReport> {
  const wrong: string[] = [];
  let [done, before] = [0, 0];
  while (done < kills && wrong.length === 0) {
    const answers = new EventEmitter();
    const relay = await startRelay(() => answers.emit('answer'));
    const scene = await liveOpening();
    await scene.people.end();
    await scene.server.stop();
    const until = Math.min(done + KILLS_PER_ORGANISATION, kills);
    for (; done < until && wrong.length === 0; done += 1) {
      const said = await writeAndKill(scene, relay, answers);
      const found = await judgeHome(scene.root, relay.acknowledged);
      wrong.push(...[...said, ...found].map((what) => `${scene.root}: ${what}`));
      const acknowledged = before + relay.acknowledged.length;
      progress(`kill ${done + 1}/${kills}: ${acknowledged} acknowledged, ${wrong.length} wrong`);
    }
    wrong.push(...(await judgeStart(scene.root)).map((what) => `${scene.root}: ${what}`));
    before += relay.acknowledged.length;
    await relay.close();
    if (wrong.length === 0) await scene.end();
  }
  return { kills: done, acknowledged: before, wrong };
}

/** Starts the server, has people write to it, and kills it soon after its first answer. @returns what else it answered */
async function writeAndKill(
  scene: LiveOpening,
  relay: Relay,
  answers: EventEmitter,
): Promise<readonly string[]> {
  const server = await startServerProcess(scene.root);
  relay.connect(server.url);
  const first = once(answers, 'answer');
  const writers = Promise.all(WRITERS.map((person) => write(scene, person, relay.url)));
  await Promise.race([first, writers]);
  const timer = setTimeout(() => void server.kill(), randomInt(250));
  const said = await writers;
  clearTimeout(timer);
  await server.kill();
  return said.flatMap((what) => what ?? []);
}

/** Hands in notes until the server is gone. @returns what it was refused with, if anything else happened */
async function write(
  { root, emergency, account }: LiveOpening,
  person: string,
  url: string,
): Promise<string | undefined> {
  try {
    const home = await PersonHome.open(personFolder(root, person));
    await home.learn({ url });
    const device = new Device(home, async () => '');
    const proven = await device.prove({ emergency, account });
    for (;;) {
      const attached =
        randomInt(8) === 0
          ? makePlainAttachment(randomBytes(randomInt(1, 100_000)), 'application/octet-stream')
          : textAttachment(randomBytes(randomInt(1, 2000)).toString('base64'));
      await device.say(
        proven,
        'note',
        {
          subject: emergency,
          purpose: 'drill',
          about: 'observation',
          occurred: new Date().toISOString(),
          text: attached.digest,
        },
        { attachments: [attached] },
      );
    }
  } catch (error) {
    const code = error instanceof HalliganError ? error.code : 'unknown';
    return GONE.has(code) ? undefined : `${person} was told ${error}`;
  }
}

/** What a person's device says when the server died under it; or was quicker than a person may be. */
const GONE: ReadonlySet<string> = new Set(['cli.unreachable', 'server.rate']);
