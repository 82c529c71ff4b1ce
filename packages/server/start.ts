import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, utf8Text } from '@halligan/format';
import { BlobStore, openJournal } from '@halligan/journal';
import { listen, requireTls } from './address.ts';
import { Alerts } from './alerts/alerts.ts';
import { Attachments } from './attachments/attachments.ts';
import { sweepUploads } from './attachments/large-files.ts';
import { Uploads } from './attachments/uploads.ts';
import { Clock } from './clock/clock.ts';
import { ClockWatch } from './clock/watch.ts';
import { Contacts } from './contacts.ts';
import { Cosigning } from './cosigning/cosigning.ts';
import { upgradeData } from './data-version.ts';
import { DiskWatch } from './disk-watch.ts';
import { Effects } from './effects/effects.ts';
import { meansOf } from './effects/perform.ts';
import { makeHome, readSettings, type ServerHome, serverHome } from './home.ts';
import { type HttpOptions, httpApp } from './http/app.ts';
import { JoinDesk } from './join-desk.ts';
import { KitKeeper } from './kit/keeper.ts';
import { Leader } from './leader.ts';
import { leavingBy } from './leaving.ts';
import { type Log, type LogOptions, logTo } from './log/log.ts';
import { placeOf } from './log/redaction.ts';
import { previousLogKey, takeNextKeys } from './next-log-key.ts';
import type { ServerParts } from './parts.ts';
import { requireNoInspector } from './programs/inspector.ts';
import { Programs, surroundingsOf } from './programs/programs.ts';
import { ReportsDesk } from './reports/desk.ts';
import { SealStore } from './seal-store.ts';
import { SnapshotKeeper } from './snapshot/keeper.ts';

/** How often the rules are told the time, and duties are looked at, milliseconds. */
const BEAT = 5_000;
/** How often uploads that nobody named are looked for, milliseconds. */
const HOUR = 3_600_000;

/** How long a clock that jumped brings nothing about by itself, milliseconds. */
const DOUBT = 10 * 60_000;

/** The machine's clocks, milliseconds. */
export interface Clocks {
  /** Since 1970; somebody may set it. */
  readonly wall: () => number;
  /** Of a clock that nobody sets. */
  readonly running: () => number;
}

const MACHINE: Clocks = { wall: Date.now, running: () => performance.now() };

/** What a server is told besides its folder. */
export interface ServerOptions extends LogOptions, HttpOptions {
  /** The machine's own where nothing is said. */
  readonly clocks?: Clocks;
  /** How many entries a record has before snapshots of it are kept; 2,000 where nothing is said. */
  readonly snapshotFrom?: number;
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly parts: ServerParts;
  /** Looks at the clock and at what it calls for now, rather than at the next beat. Never rejects. */
  beat(): Promise<void>;
  /**
   * Resolves, with the reason, only where the record turned out not to verify after the server had started: whoever
   * runs it stops it then.
   */
  readonly failed: Promise<HalliganError>;
  /** Resolves when everything that followed from the record so far is done. */
  settled(): Promise<void>;
  /** Stops listening, waits for what is under way, and lets go of the data folder. May be called twice. */
  stop(): Promise<void>;
}

/** Opens the journal and folds it; where the record names new keys of the log, they are taken first. */
async function openRecord(home: ServerHome, clock: Clock, log: Log, from: number | undefined) {
  for (;;) {
    const signer = utf8Text(await readFile(join(home.keys, 'log.key'))).trim();
    const follows = await previousLogKey(home);
    const snapshots = new SnapshotKeeper(home, signer, log, from);
    const snapshot = await snapshots.read();
    const known = snapshot?.tree;
    const journal = await openJournal({
      folder: home.journal,
      ...{ signer, create: false, known, follows },
    });
    try {
      const leader = await Leader.open(journal, clock, await leavingBy(home), snapshot);
      if (!(await takeNextKeys(home, leader.state.log))) return { journal, leader, snapshots };
      log(
        'warning',
        'log-key',
        'The log’s key was replaced: the new one signs from here on. Give log.pub to the cosigners.',
      );
    } catch (cause) {
      await journal.close();
      snapshots.close();
      throw cause;
    }
    await journal.close();
    snapshots.close();
  }
}

function unverified(cause: unknown): HalliganError {
  return new HalliganError(
    'server.verifier',
    'The record could not be verified behind the start.',
    'Start the server again: everything is verified first then.',
    { cause },
  );
}

/**
 * Starts the server of a data folder.
 * @param write takes the lines of its log
 * @throws `server.not-set-up`, `server.inspector`, `server.home`, `journal.locked` where another server has it, `journal.corrupt` where
 *   the record does not verify, `server.address` where it cannot listen
 */
export async function startServer(
  root: string,
  write: (line: string) => void,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const log = logTo(write, options);
  const home = serverHome(root);
  const settings = await readSettings(home);
  requireNoInspector(settings.practice);
  await makeHome(home);
  await upgradeData(home, log);
  const clocks = options.clocks ?? MACHINE;
  const clock = new Clock(clocks.wall);
  const { journal, leader, snapshots } = await openRecord(home, clock, log, options.snapshotFrom);
  try {
    const blobs = await BlobStore.open(home.blobs, journal.ballast);
    const cosigning = await Cosigning.open({ home, settings, leader, log });
    const attachments = new Attachments(home.subjects, blobs);
    const { file = 64, emergency = 256 } = settings.attachments ?? {};
    const limits = { file: file << 20, emergency: emergency * (1 << 20) };
    const stores = {
      home,
      settings,
      leader,
      cosigning,
      blobs,
      attachments,
      uploads: await Uploads.open(home.uploads, limits, (subject) =>
        attachments.recipient(subject),
      ),
      seals: new SealStore(home.seals),
      programs: new Programs(surroundingsOf({ home, settings, leader, log })),
      log,
    };
    const kits = await KitKeeper.open(stores);
    const parts: ServerParts = { ...stores, kits };
    const tls = settings.tls
      ? {
          key: await readFile(join(home.keys, 'tls.key'), 'utf8'),
          cert: await readFile(join(home.keys, 'tls.crt'), 'utf8'),
        }
      : undefined;
    requireTls(
      settings.host,
      tls !== undefined,
      'Set "tls": true in server.json, with keys/tls.key and keys/tls.crt beside it, or listen on 127.0.0.1.',
    );
    const effects = new Effects(meansOf(parts), () => snapshots.verified);
    const contacts = await Contacts.open(home);
    const alerts = await Alerts.open(parts, contacts, { now: clocks.wall });
    const desk = new JoinDesk(leader);
    const disk = new DiskWatch(home, log);
    const reports = new ReportsDesk(parts);
    const app = httpApp(
      { parts, desk, reports, effects, alerts, contacts, snapshots, disk },
      tls,
      options,
    );
    const url = await listen(app, settings.host, settings.port);
    const look = () => {
      effects.look();
      cosigning.look();
      if (snapshots.verified) {
        parts.programs.look();
        kits.look();
      }
      alerts.look();
      reports.look();
      snapshots.look(leader);
    };
    const unsubscribe = leader.onChange(look);
    const watch = new ClockWatch(clocks.wall(), clocks.running());
    /** By the clock that nobody sets. */
    let doubtedUntil = 0;
    const beat = async () => {
      await disk.look();
      const jump = watch.look(clocks.wall(), clocks.running());
      if (jump !== undefined) {
        const seconds = Math.round(jump / 1000);
        log('warning', 'clock', 'it was set, or this machine slept', { seconds });
        alerts.clockJumped(seconds);
        doubtedUntil = clocks.running() + DOUBT;
      }
      // What only time brings about is recorded for ever: who set the clock wrong has time to set it right.
      if (clocks.running() >= doubtedUntil) {
        await leader
          .submit({ type: 'tick' })
          .catch(() => log('error', 'journal', 'a tick was not journaled'));
        // A year goes by without an event.
        effects.look();
      }
      await alerts.beat();
    };
    await sweepUploads(parts, clocks.wall());
    const sweeps = setInterval(() => void sweepUploads(parts, clocks.wall()), HOUR);
    // Nobody waits for a beat: its failure, as on a full disk, is said, and ends no server.
    const unheard = (cause: unknown) =>
      log('error', 'server', 'what time brings about was not looked at', { why: placeOf(cause) });
    const beats = setInterval(() => void beat().catch(unheard), BEAT);
    look();
    const verified = snapshots.verify().then(look);
    const failed = new Promise<HalliganError>((resolve) => {
      verified.catch((cause) => {
        const { code, message } = cause instanceof HalliganError ? cause : unverified(cause);
        log('error', 'snapshot', `the server stops: ${code}: ${message}`);
        resolve(cause instanceof HalliganError ? cause : unverified(cause));
      });
    });
    const stop = async () => {
      clearInterval(beats);
      clearInterval(sweeps);
      unsubscribe();
      app.server.closeAllConnections();
      await app.close();
      await effects.stop();
      await parts.programs.stop();
      await cosigning.stop();
      await kits.stop();
      await alerts.stop();
      await reports.stop();
      await snapshots.stop(leader);
      await verified.catch(() => undefined);
      await journal.close();
      snapshots.close();
    };
    let stopped: Promise<void> | undefined;
    return {
      url,
      parts,
      beat,
      failed,
      settled: async () => {
        await verified.catch(() => undefined);
        await effects.settled();
        await kits.settled();
        await alerts.settled();
        await snapshots.settled();
      },
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (cause) {
    await journal.close();
    snapshots.close();
    throw cause;
  }
}
