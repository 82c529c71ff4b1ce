import { z } from 'zod';
import { METRICS_TYPE, measured, metricsText } from '../../metrics/metrics.ts';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { instantField } from './fields.ts';

/** Whether the server is there. */
export function healthRoutes({
  parts,
  alerts,
  streams,
  crowd,
  requests,
  snapshots,
  disk,
}: Reception): readonly Route[] {
  const { leader } = parts;
  return [
    route({
      method: 'GET',
      path: '/healthz',
      summary:
        'Whether the server answers, how many entries its record has, its clock, whether all entries were verified since it started (it acts on nothing before), and whether its disk takes writes: `ok` is false where not.',
      who: 'anybody',
      // A monitor that is turned away takes the server for dead, and shares its address with whoever floods from there.
      cost: 0,
      answers: {
        status: 200,
        body: z.object({
          ok: z.boolean(),
          entries: z.int(),
          at: instantField,
          verified: z.boolean(),
          writable: z.boolean(),
        }),
      },
      handle: () => ({
        ok: disk.writable,
        entries: leader.checkpoint().size,
        at: leader.now(),
        verified: snapshots.verified,
        writable: disk.writable,
      }),
    }),
    route({
      method: 'GET',
      path: '/metrics',
      summary:
        'Metrics in the text format of Prometheus, to programs on this machine and to auditors.',
      who: { hereOr: ['admin', 'security', 'auditor'] },
      answers: { status: 200, media: METRICS_TYPE },
      handle: () =>
        metricsText(measured(leader.state, leader.checkpoint().size, leader.now()), {
          sinks: alerts.standing(),
          streams: streams.count,
          connections: crowd.count,
          dropped: crowd.dropped,
          requests,
          sent: alerts.sent,
        }),
    }),
  ];
}
