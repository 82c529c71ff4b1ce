import type { Json } from '@halligan/format';
import { checkAccounts, openDriver } from '@halligan/systems';
import type { ProvenRecord } from '../proven-record.ts';
import type { CheckQuestion } from './question.ts';
import { accountOf, driverSecret, recordedConfig } from './recorded.ts';

/** What a system's accounts lack, looked at with the rotator's own rights over them. */
export async function checkRecorded(record: ProvenRecord, asked: CheckQuestion): Promise<Json> {
  const streams = new Set(['organisation', ...asked.accounts.map((id) => `account:${id}`)]);
  const { state } = await record.prove(asked.view, streams);
  const config = recordedConfig(state, asked.id, asked.system);
  const names = asked.accounts.map((id) => accountOf(state, id).document.name);
  const secret = await driverSecret(record, asked.secret);
  const driver = await openDriver(config, secret, { runsPrograms: true });
  try {
    return (await checkAccounts(driver, names)) as unknown as Json;
  } finally {
    secret?.fill(0);
    await driver.close();
  }
}
