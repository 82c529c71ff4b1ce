import type { BlobStore } from '@halligan/journal';
import type { Attachments } from './attachments/attachments.ts';
import type { Uploads } from './attachments/uploads.ts';
import type { Cosigning } from './cosigning/cosigning.ts';
import type { ServerHome, ServerSettings } from './home.ts';
import type { KitKeeper } from './kit/keeper.ts';
import type { Leader } from './leader.ts';
import type { Log } from './log/log.ts';
import type { Programs } from './programs/programs.ts';
import type { SealStore } from './seal-store.ts';

/** What the server's pieces are handed: the record and the stores, opened. */
export interface ServerParts {
  readonly home: ServerHome;
  readonly settings: ServerSettings;
  readonly leader: Leader;
  /** Who watches the log from outside. */
  readonly cosigning: Cosigning;
  readonly blobs: BlobStore;
  readonly attachments: Attachments;
  readonly uploads: Uploads;
  readonly seals: SealStore;
  readonly kits: KitKeeper;
  /** Releaser and rotator. */
  readonly programs: Programs;
  readonly log: Log;
}
