import { run } from './current.mjs';

await run('packages/device/agent/device-agent.ts');
