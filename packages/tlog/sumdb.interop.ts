/**
 * Our notes, roots and proofs against Go's `golang.org/x/mod/sumdb` and back. Needs Go and its module proxy, so it is
 * not part of the ordinary suite: `node --test packages/tlog/sumdb.interop.ts`.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { base64, fromBase64, utf8 } from '@halligan/format';
import {
  formatCheckpoint,
  generateNoteKey,
  leafHash,
  MemoryTree,
  noteSigner,
  parseCheckpoint,
  signNote,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
} from './index.ts';

const SIZE = 70;

/**
 * Reads a case a line on standard input, answers with a line each: an empty error where Go agrees, and what Go made itself.
 * Go's checkpoints have the origin "go.sum database tree"; x/mod knows no other.
 */
const program = `package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type Case struct {
	Kind                string
	Note, Verifier      string
	Size, Index, Newer  int64
	Root, NewRoot, Leaf tlog.Hash
	Proof               []tlog.Hash
}

type Hashes []tlog.Hash

func (h Hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = h[index]
	}
	return out, nil
}

func check(c Case) error {
	switch c.Kind {
	case "note":
		v, err := note.NewVerifier(c.Verifier)
		if err != nil {
			return err
		}
		n, err := note.Open([]byte(c.Note), note.VerifierList(v))
		if err != nil {
			return err
		}
		tree, err := tlog.ParseTree([]byte(n.Text))
		if err != nil {
			return err
		}
		if tree.N != c.Size || tree.Hash != c.Root {
			return fmt.Errorf("another tree: %v", tree)
		}
		return nil
	case "inclusion":
		return tlog.CheckRecord(c.Proof, c.Size, c.Root, c.Index, c.Leaf)
	case "consistency":
		return tlog.CheckTree(c.Proof, c.Newer, c.NewRoot, c.Size, c.Root)
	}
	return fmt.Errorf("unknown kind %q", c.Kind)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	var cases []Case
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	errors := make([]string, len(cases))
	for i, c := range cases {
		if err := check(c); err != nil {
			errors[i] = err.Error()
		}
	}

	skey, vkey, err := note.GenerateKey(rand.Reader, "log.example/go")
	if err != nil {
		panic(err)
	}
	signer := must(note.NewSigner(skey))
	var stored Hashes
	var made []Case
	for n := int64(0); n < ${SIZE}; n++ {
		stored = append(stored, must(tlog.StoredHashes(n, []byte(fmt.Sprintf("entry %d", n)), stored))...)
		size := n + 1
		root := must(tlog.TreeHash(size, stored))
		text := tlog.FormatTree(tlog.Tree{N: size, Hash: root})
		signed := must(note.Sign(&note.Note{Text: string(text)}, signer))
		made = append(made, Case{Kind: "note", Note: string(signed), Verifier: vkey, Size: size, Root: root})
		for i := int64(0); i < size; i++ {
			leaf := tlog.RecordHash([]byte(fmt.Sprintf("entry %d", i)))
			made = append(made, Case{Kind: "inclusion", Size: size, Index: i, Root: root, Leaf: leaf, Proof: must(tlog.ProveRecord(size, i, stored))})
			made = append(made, Case{Kind: "consistency", Size: i + 1, Newer: size, Root: must(tlog.TreeHash(i+1, stored)), NewRoot: root, Proof: must(tlog.ProveTree(size, i+1, stored))})
		}
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"Errors": errors, "Made": made, "Signer": skey})
}
`;

/** Both programs' cases: hashes and proofs in base64. */
type Case =
  | { Kind: 'note'; Note: string; Verifier: string; Size: number; Root: string }
  | {
      Kind: 'inclusion';
      Size: number;
      Index: number;
      Root: string;
      Leaf: string;
      Proof: string[] | null;
    }
  | {
      Kind: 'consistency';
      Size: number;
      Newer: number;
      Root: string;
      NewRoot: string;
      Proof: string[] | null;
    };
type Answer = { Errors: string[]; Made: Case[]; Signer: string };

const go = spawnSync('go', ['version'], { encoding: 'utf8' });
const skip = go.status === 0 ? false : 'Go is not installed: see https://go.dev/doc/install';
const folder = skip === false ? mkdtempSync(join(tmpdir(), 'tlog-interop-')) : '';
after(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

function runGo(...parameters: readonly string[]): string {
  return execFileSync('go', parameters, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function bytes(proof: readonly string[] | null): Uint8Array[] {
  return (proof ?? []).map((hash) => fromBase64(hash));
}

test('our notes and proofs hold in Go, and those of Go hold here', { skip }, async () => {
  writeFileSync(join(folder, 'main.go'), program);
  runGo('mod', 'init', 'interop');
  runGo('get', 'golang.org/x/mod/sumdb/note', 'golang.org/x/mod/sumdb/tlog');
  runGo('build', '-o', 'interop', '.');

  const { signer, verifier } = await generateNoteKey('log.example/halligan');
  const opened = await noteSigner(signer);
  const tree = new MemoryTree();
  const cases: Case[] = [];
  const wrong: Case[] = [];
  for (let size = 1; size <= SIZE; size += 1) {
    tree.append(leafHash(utf8(`entry ${size - 1}`)));
    const Root = base64(tree.root());
    const text = formatCheckpoint({ origin: 'go.sum database tree', size, root: tree.root() });
    const Note = await signNote(text, opened);
    cases.push({ Kind: 'note', Note, Verifier: verifier, Size: size, Root });
    const altered = Note.replace(`\n${size}\n`, `\n${size + 1}\n`);
    wrong.push({ Kind: 'note', Note: altered, Verifier: verifier, Size: size + 1, Root });
    for (let index = 0; index < size; index += 1) {
      const inclusion: Case = {
        Kind: 'inclusion',
        Size: size,
        Index: index,
        Root,
        Leaf: base64(tree.node(0, index)),
        Proof: tree.inclusionProof(index).map(base64),
      };
      cases.push(inclusion);
      wrong.push({ ...inclusion, Leaf: base64(leafHash(utf8('another entry'))) });
      cases.push({
        Kind: 'consistency',
        Size: index + 1,
        Newer: size,
        Root: base64(tree.root(index + 1)),
        NewRoot: Root,
        Proof: tree.consistencyProof(index + 1).map(base64),
      });
    }
  }
  const answer: Answer = JSON.parse(
    execFileSync(join(folder, 'interop'), {
      input: JSON.stringify([...cases, ...wrong]),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    }),
  );
  assert.equal(answer.Errors.length, cases.length + wrong.length);
  cases.forEach((ours, at) => {
    assert.equal(answer.Errors[at], '', JSON.stringify(ours));
  });
  wrong.forEach((ours, at) => {
    assert.notEqual(answer.Errors[cases.length + at], '', JSON.stringify(ours));
  });

  for (const theirs of answer.Made) await holds(theirs, tree);
  assert.equal(answer.Made.length, cases.length);
  const goSigner = await noteSigner(answer.Signer);
  assert.equal(goSigner.verifier, answer.Made[0]?.Kind === 'note' ? answer.Made[0].Verifier : '');
});

/** Checks a case that Go made, and that we would have made the same. */
async function holds(theirs: Case, tree: MemoryTree): Promise<void> {
  const root = fromBase64(theirs.Root);
  assert.deepEqual(root, tree.root(theirs.Size));
  if (theirs.Kind === 'note') {
    const { text } = await verifyNote(theirs.Note, [theirs.Verifier]);
    const checkpoint = parseCheckpoint(text);
    assert.deepEqual([checkpoint.size, checkpoint.root], [theirs.Size, root]);
  } else if (theirs.Kind === 'inclusion') {
    const { Index: index, Size: size } = theirs;
    const proof = bytes(theirs.Proof);
    assert.deepEqual(proof, tree.inclusionProof(index, size));
    verifyInclusion({ leafHash: fromBase64(theirs.Leaf), index, size, proof, root });
  } else {
    const { Size: size1, Newer: size2 } = theirs;
    const proof = bytes(theirs.Proof);
    assert.deepEqual(proof, tree.consistencyProof(size1, size2));
    verifyConsistency({ size1, size2, proof, root1: root, root2: fromBase64(theirs.NewRoot) });
  }
}
