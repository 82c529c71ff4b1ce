import { readFileSync } from 'node:fs';
import { BlockList, isIPv6, type Server, type Socket } from 'node:net';
import { callerOf } from './rate.ts';

/** Most connections at a time. */
export interface CrowdLimits {
  readonly all: number;
  /** Over which nobody has signed in yet. */
  readonly strangers: number;
  /** Of those, from one address: an office behind one address signs in within moments. */
  readonly ofAddress: number;
  /** Over which one person has signed in; their streams included. */
  readonly ofPerson: number;
}

const LIMITS: CrowdLimits = { all: 12_000, strangers: 2_000, ofAddress: 250, ofPerson: 64 };

/** Descriptors that connections leave to the journal, files, children and sinks. */
const RESERVE = 400;
/** Connections that there may be, however few descriptors there are. */
const LEAST = 100;

/** A connection, by the address and port that it comes from: TLS and what lies below it have both in common. */
interface Guest {
  readonly key: string;
  readonly socket: Socket;
  readonly address: string;
  person: string | undefined;
}

/**
 * Who is connected, and who goes where there are too many. Nobody new is turned away: the one that has been a stranger
 * for longest goes, of the same address first. Who signs in needs moments, and is then no stranger; who holds
 * connections and says nothing, or drips, loses them, and shuts nobody out, nor those who share its address.
 */
export class Crowd {
  readonly #limits: CrowdLimits;
  readonly #proxies = new BlockList();
  readonly #guests = new Map<string, Guest>();
  readonly #strangers = new Set<Guest>();
  /** By address, or by person; the longest there first. */
  readonly #groups = new Map<string, Set<Guest>>();
  #dropped = 0;

  /** @param proxies addresses or networks from which everybody comes: nothing is counted by such an address */
  constructor(limits: Partial<CrowdLimits> = {}, proxies: readonly string[] = []) {
    const all = Math.max(LEAST, Math.min(limits.all ?? LIMITS.all, mostDescriptors() - RESERVE));
    this.#limits = { ...LIMITS, ...limits, all };
    for (const proxy of proxies) {
      const [address = '', bits] = proxy.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#proxies.addAddress(address, family);
      else this.#proxies.addSubnet(address, Number(bits), family);
    }
  }

  get count(): number {
    return this.#guests.size;
  }

  /** Connections that went because there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#enter(socket));
  }

  /** Somebody has signed in over this connection. Whoever was the first stays its owner. */
  isOf(
    { remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>,
    person: string,
  ): void {
    const guest = this.#guests.get(`${remoteAddress} ${remotePort}`);
    if (guest === undefined || guest.person !== undefined) return;
    this.#part(guest);
    guest.person = person;
    if (!this.#isProxy(guest.address)) this.#join(guest, this.#limits.ofPerson);
  }

  #isProxy(address: string): boolean {
    const caller = address.replace(/^::ffff:|%.*$/g, '');
    return this.#proxies.check(caller, isIPv6(caller) ? 'ipv6' : 'ipv4');
  }

  #enter(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    // It has gone before it was looked at.
    if (remoteAddress === undefined) return void socket.destroy();
    const key = `${remoteAddress} ${remotePort}`;
    const guest: Guest = { key, socket, address: remoteAddress, person: undefined };
    this.#guests.set(key, guest);
    this.#strangers.add(guest);
    socket.once('close', () => {
      this.#part(guest);
      if (this.#guests.get(key) === guest) this.#guests.delete(key);
    });
    if (!this.#isProxy(remoteAddress)) this.#join(guest, this.#limits.ofAddress);
    if (this.#strangers.size > this.#limits.strangers || this.#guests.size > this.#limits.all)
      this.#drop(this.#strangers);
  }

  #join(guest: Guest, most: number): void {
    const name = groupOf(guest);
    const group = this.#groups.get(name) ?? new Set();
    this.#groups.set(name, group.add(guest));
    if (group.size > most) this.#drop(group);
  }

  #part(guest: Guest): void {
    this.#strangers.delete(guest);
    const name = groupOf(guest);
    const group = this.#groups.get(name);
    group?.delete(guest);
    if (group?.size === 0) this.#groups.delete(name);
  }

  /** Lets go of the one that is there for longest. */
  #drop(guests: ReadonlySet<Guest>): void {
    const [oldest] = guests;
    if (oldest === undefined) return;
    this.#dropped += 1;
    this.#part(oldest);
    this.#guests.delete(oldest.key);
    oldest.socket.destroy();
  }
}

function groupOf({ address, person }: Guest): string {
  return person === undefined ? `address ${callerOf(address)}` : `person ${person}`;
}

/** How many files and connections this process may have open. */
function mostDescriptors(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
