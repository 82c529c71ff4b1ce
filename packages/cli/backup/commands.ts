import { HalliganError, utf8 } from '@halligan/format';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { dataFolder } from '../data-folder.ts';
import {
  openKeys,
  readReleases,
  readRequest,
  releaseKeys,
  requestKeys,
  requestWords,
} from './request.ts';
import { seenOf } from './seen.ts';

/** `halligan backup …`: a server's data for another machine; its keys open by a quorum only. */
export function backupCommands(context: Context): Command {
  const backup = new Command('backup').description('the server’s data, for another machine');
  backup.addCommand(createCommand(context));
  backup.addCommand(verifyCommand(context));
  backup.addCommand(seenCommand(context));
  backup.addCommand(requestCommand(context));
  backup.addCommand(releaseCommand(context));
  backup.addCommand(restoreCommand(context));
  return backup;
}

function createCommand({ terminal, environment }: Context): Command {
  return new Command('create')
    .description('back HALLIGAN_HOME up into a new folder, while its server runs')
    .requiredOption('--out <folder>', 'a folder that does not exist yet')
    .action(async ({ out }: { out: string }) => {
      const { createBackup, backupDigest } = await import('@halligan/server');
      const made = await createBackup(dataFolder(environment), out, new Date().toISOString());
      const { size } = made.journal;
      show(terminal, { backup: backupDigest(made), folder: out, journal: made.journal }, [
        `Backed up to ${out}: ${made.files.length} files, ${size} entries of the log.`,
        'Its keys are sealed to the custodians. Texts are encrypted to keys among them; what else is in it, anybody reads who has it.',
        `Next: halligan backup verify ${out}, on the machine where it is kept.`,
      ]);
    });
}

function verifyCommand({ terminal }: Context): Command {
  return new Command('verify')
    .description('check every file of a backup, and its whole journal')
    .argument('<folder>', 'the backup’s folder')
    .action(async (folder: string) => {
      const { readBackup, backupDigest } = await import('@halligan/server');
      const { manifest, seal } = await readBackup(folder);
      const { organisation, created, journal } = manifest;
      const paths = seal.header.paths.map(({ name }) => name);
      show(terminal, { backup: backupDigest(manifest), organisation, created, journal, paths }, [
        `Backup of ${organisation}, made ${created}: whole. Its log has ${journal.size} entries, and verifies.`,
        `Its keys open by: ${paths.join(', ')}.`,
      ]);
    });
}

function seenCommand(context: Context): Command {
  return new Command('seen')
    .description('what this device last saw of the log, for whoever restores a backup')
    .action(async () => {
      const { seen } = (await context.home()).pins;
      show(context.terminal, seen, [`${seen.size}:${seen.root}`]);
    });
}

function requestCommand(context: Context): Command {
  return new Command('request')
    .description('ask holders for the keys of a backup')
    .argument('<folder>', 'the backup’s folder')
    .option('--path <path>', 'by which path', 'offline')
    .requiredOption('--out <file>', 'the request, for each holder')
    .action(async (folder: string, { path, out }: { path: string; out: string }) => {
      const { readBackup, backupDigest } = await import('@halligan/server');
      const { manifest, seal } = await readBackup(folder);
      const device = await context.device();
      const backup = backupDigest(manifest);
      const keys = await device.keys();
      const request = await requestKeys(device.home, keys, seal, { backup, path });
      await context.writeFile(out, utf8(`${JSON.stringify(request)}\n`));
      const words = await requestWords(request);
      const needs = seal.header.paths
        .find(({ name }) => name === path)
        ?.groups.map(({ name, need, holders }) => `${need} of ${name} (${holders.join(', ')})`);
      show(context.terminal, { request: out, checkWords: words, needs }, [
        `Request: ${out}. Check words: ${words.join(' ')}`,
        `It takes ${needs?.join(' and ')}.`,
        `Next: each holder runs halligan backup release ${out} --out FILE, and compares the words with you by voice.`,
      ]);
    });
}

function releaseCommand(context: Context): Command {
  return new Command('release')
    .description('give your share of a backup’s keys to whoever restores it')
    .argument('<request>', 'the request’s file')
    .requiredOption('--out <file>', 'where to write it')
    .option('--words <words>', 'the check words, as the requester read them to you')
    .action(async (path: string, asked: { out: string; words?: string }) => {
      const { terminal } = context;
      const request = readRequest(await context.readFile(path));
      const device = await context.device();
      if (request.organisation !== device.home.facts.organisation)
        throw new HalliganError(
          'backup.other-organisation',
          `This request is for ${request.organisation}, your key here for ${device.home.facts.organisation}.`,
          'Check --org.',
        );
      terminal.say(
        `${request.by} asks for the keys of a server of ${request.organisation}: who has them can act as the server and its rotator.`,
      );
      const words = (await requestWords(request)).join(' ');
      const heard =
        asked.words ??
        (await terminal.ask('Call them. Which check words do they read to you (--words)?'));
      if (heard.trim().toLowerCase().split(/\s+/).join(' ') !== words)
        throw new HalliganError(
          'cli.check-words',
          'These are not the check words of this request.',
          'Nothing was released. Somebody may have exchanged it: tell security.',
        );
      const releases = await releaseKeys(request, device.person, await device.keys());
      await context.writeFile(asked.out, utf8(`${JSON.stringify(releases)}\n`));
      show(terminal, { released: asked.out, holder: device.person }, [
        `Released: ${asked.out}. Only ${request.by}’s device can read it.`,
        'Write down that you did, for whom and why: a restoration is not on the record by itself.',
      ]);
    });
}

function restoreCommand(context: Context): Command {
  return new Command('restore')
    .description('make a data folder from a backup, with the keys that a quorum released')
    .argument('<folder>', 'the backup’s folder')
    .requiredOption('--request <file>', 'your request')
    .requiredOption('--release <file...>', 'what the holders gave you')
    .option('--seen <checkpoint...>', 'what people’s devices last saw: halligan backup seen', [])
    .option('--lost', 'there is no newer backup: go on without what devices saw since', false)
    .option('--home <folder>', 'where to; HALLIGAN_HOME otherwise')
    .action(
      async (
        folder: string,
        asked: { request: string; release: string[]; seen: string[]; lost: boolean; home?: string },
      ) => {
        const device = await context.device();
        const request = readRequest(await context.readFile(asked.request));
        const releases = [];
        for (const path of asked.release)
          releases.push(...readReleases(await context.readFile(path)));
        // This device saw something, too.
        const seen = [...asked.seen.map(seenOf), device.home.pins.seen];
        const { restoreBackup, backupDigest, readBackup } = await import('@halligan/server');
        const { manifest: offered } = await readBackup(folder);
        if (backupDigest(offered) !== request.backup)
          throw new HalliganError(
            'backup.other-backup',
            'The request is for another backup than this one.',
            'Name the folder that you asked for, or ask anew.',
          );
        const credential = await openKeys(device.home, await device.keys(), request, releases);
        const root = asked.home ?? dataFolder(context.environment);
        const { journal } = await restoreBackup(folder, root, credential, seen, asked.lost);
        await device.home.forgetOneTime(request.recipient);
        const most = seen.reduce((one, other) => (other.size > one.size ? other : one));
        const lost = most.size > journal.size ? most : null;
        show(context.terminal, { home: root, journal, lost }, [
          lost === null
            ? `Restored to ${root}: ${journal.size} entries, none behind what ${seen.length === 1 ? 'your device' : `${seen.length} devices`} saw.`
            : `Restored to ${root}: ${journal.size} entries. Entries ${journal.size} to ${lost.size - 1}, which a device saw, are lost. Devices that saw them go on only when two admins have signed that: halligan journal replace-key log-next.pub --lost ${lost.size}:${lost.root} --proposal key.json.`,
          'Never start the old server again: two servers with one log make two histories.',
          `Next: HALLIGAN_HOME=${root} halligan server. Where the old machine may be in strange hands, rotate every account and replace the log’s key.`,
        ]);
      },
    );
}
