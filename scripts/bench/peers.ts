import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { measureJournal } from '../../packages/journal/bench.ts';
import { type Row, row } from './row.ts';
import type { Session } from './session.ts';

const runProgram = promisify(execFile);
const WRITERS = 64;
const OURS = `entries, ${WRITERS} writers of one at a time`;
const TESSERA = 'github.com/transparency-dev/tessera';
const VERSION = 'v1.0.4';

const doneSchema = z.strictObject({ count: z.int(), milliseconds: z.number() });

/** Appends to a Tessera log in a folder (its POSIX driver): writers that each wait until their entry has a durable place. */
const PROGRAM = `package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"${TESSERA}"
	"${TESSERA}/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	writers, err := strconv.Atoi(os.Args[2])
	must(err)
	each, err := strconv.Atoi(os.Args[3])
	must(err)
	ctx := context.Background()
	driver, err := posix.New(ctx, posix.Config{Path: os.Args[1]})
	must(err)
	secret, _, err := note.GenerateKey(nil, "bench.example")
	must(err)
	signer, err := note.NewSigner(secret)
	must(err)
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(uint(writers), time.Millisecond)
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, options)
	must(err)
	started := time.Now()
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for turn := range each {
				entry := fmt.Sprintf("{\\"mark\\":\\"%d/%d\\",\\"text\\":\\"%0200d\\"}", writer, turn, 0)
				_, err := appender.Add(ctx, tessera.NewEntry([]byte(entry)))()
				must(err)
			}
		})
	}
	all.Wait()
	took := time.Since(started)
	must(shutdown(ctx))
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"count":        writers * each,
		"milliseconds": float64(took.Microseconds()) / 1000,
	}))
}
`;

/**
 * The journal beside Tessera, the strongest verifiable log that can be had on one machine without a database. Needs Go
 * and its module proxy: without them there are no rows.
 */
export async function peerRows(session: Session): Promise<readonly Row[]> {
  const folder = session.fresh();
  const program = await built(folder);
  if (program === undefined) return [];
  const turns = session.quick ? 1 : 3;
  const theirs: number[] = [];
  const ours: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    theirs.push(await tessera(program, join(folder, String(turn)), session.quick ? 10 : 100));
    const done = await measureJournal(session.quick ? 0.05 : 0.5);
    for (const { what, count, milliseconds } of done)
      if (what === OURS) ours.push((1000 * count) / milliseconds);
  }
  const name = (log: string) =>
    `${log}: entries, ${WRITERS} writers, each waits until it is durable`;
  const bare = row({ name: name('Tessera in a folder'), unit: 'per second' }, theirs);
  return [bare, row({ name: name('journal'), unit: 'per second', to: bare }, ours)];
}

async function built(folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'main.go'), PROGRAM);
  const go = (...parameters: readonly string[]) =>
    runProgram('go', parameters, { cwd: folder, maxBuffer: 1 << 24 });
  try {
    await go('mod', 'init', 'bench.example/peers');
    await go('get', `${TESSERA}@${VERSION}`, 'golang.org/x/mod/sumdb/note');
    await go('mod', 'tidy');
    await go('build', '-o', 'bench', '.');
    return join(folder, 'bench');
  } catch (cause) {
    console.error(`peers: Tessera cannot be built here (${said(cause)})`);
    return undefined;
  }
}

async function tessera(program: string, folder: string, each: number): Promise<number> {
  const { stdout } = await runProgram(program, [folder, String(WRITERS), String(each)]);
  const { count, milliseconds } = doneSchema.parse(JSON.parse(stdout));
  return (1000 * count) / milliseconds;
}

function said(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'unknown';
}
