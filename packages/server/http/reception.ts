import type { FastifyRequest } from 'fastify';
import type { Alerts } from '../alerts/alerts.ts';
import type { Contacts } from '../contacts.ts';
import type { DiskWatch } from '../disk-watch.ts';
import type { Effects } from '../effects/effects.ts';
import type { JoinDesk } from '../join-desk.ts';
import type { Counts } from '../metrics/counts.ts';
import type { ServerParts } from '../parts.ts';
import type { ReportsDesk } from '../reports/desk.ts';
import type { SnapshotKeeper } from '../snapshot/keeper.ts';
import type { Crowd } from './crowd.ts';
import type { Sessions } from './sessions.ts';
import type { CheckpointStreams } from './stream.ts';

/** What the routes work with. */
export interface Reception {
  readonly parts: ServerParts;
  readonly desk: JoinDesk;
  /** Where machines' reports come in. */
  readonly reports: ReportsDesk;
  /** Counts a signature that was none against the address that sent it. @throws `server.rate` */
  readonly forged: (request: FastifyRequest) => void;
  readonly effects: Effects;
  readonly alerts: Alerts;
  readonly contacts: Contacts;
  readonly sessions: Sessions;
  readonly streams: CheckpointStreams;
  /** Whoever is connected. */
  readonly crowd: Pick<Crowd, 'count' | 'dropped' | 'isOf'>;
  /** Whether all of the record was verified since the start. */
  readonly snapshots: Pick<SnapshotKeeper, 'verified'>;
  /** Whether the data folder takes writes. */
  readonly disk: Pick<DiskWatch, 'writable'>;
  /** Requests that were answered, by route and status. */
  readonly requests: Counts;
}
