import { headsOf, type OfflineFold, type ProvenState } from '@halligan/evidence';
import {
  type Emergency,
  mayRelease,
  type Opening,
  pathsOfPeople,
  type Version,
} from '@halligan/procedure';
import type { Statement } from '@halligan/statement';
import { Device } from '../device.ts';
import type { AskPassphrase, PersonHome } from '../person-home.ts';
import { KitConnection } from './kit-connection.ts';
import { KitDesk } from './kit-desk.ts';

/**
 * A person's device where the server is gone: the same commands and the same rules, over the kit's record and what the
 * others passed on. Its statements say that they were made without the server, and after what.
 */
export class KitDevice extends Device {
  readonly desk: KitDesk;

  constructor(home: PersonHome, ask: AskPassphrase) {
    const desk = new KitDesk(home, async () => (await this.keys()).identity);
    super(home, ask, 'current', new KitConnection(desk));
    this.desk = desk;
  }

  override async signIn(): Promise<void> {}

  override usualPath(version: Version): string {
    return pathsOfPeople(version)[0] ?? 'standard';
  }

  override async prove(): Promise<OfflineFold> {
    return this.desk.fold();
  }

  override judge({ state }: ProvenState, { id }: Emergency, { request }: Opening) {
    const { organisation, origin } = this.home.pins;
    const pins = { organisation, origin, holder: this.person };
    return mayRelease({ state, emergency: id, request }, pins, new Date().toISOString());
  }

  protected override async circumstances(): Promise<Pick<Statement, 'offline'>> {
    return { offline: { after: headsOf(await this.desk.record()) } };
  }
}
