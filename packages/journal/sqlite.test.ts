import { generateNoteKey } from '@halligan/tlog';
import { journalContract } from './contract.ts';
import { openJournal } from './sqlite.ts';

const { signer, verifier } = await generateNoteKey('log.example');
journalContract('node:sqlite', (folder) => openJournal({ folder, signer, ballast: 0 }), verifier);
