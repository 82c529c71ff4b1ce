/** A process of its own that keeps a machine's time in a folder, and prints it: `FOLDER`. */
import { Memory, openStore, readMachineClock, sealedStore, timeOf } from '../index.ts';

const store = openStore(process.argv[2] ?? '');
const memory = new Memory(sealedStore(store, new Uint8Array(32)));
const clock = timeOf({ memory, read: readMachineClock });
memory.change({ clock });
store.close();
process.stdout.write(JSON.stringify(clock));
