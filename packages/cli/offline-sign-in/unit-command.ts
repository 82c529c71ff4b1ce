import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import about from '../package.json' with { type: 'json' };
import { AGENT_FLAGS, agentProgram } from './become-agent.ts';

/** `halligan device unit`: what systemd runs the agent by. */
export function unitCommand({ terminal }: Context): Command {
  return new Command('unit')
    .description('the systemd unit of the agent: > /etc/systemd/system/halligan-device.service')
    .option('--node <path>', 'the Node that runs it', process.execPath)
    .action(async ({ node }: { node: string }) => {
      const { deviceUnit } = await import('@halligan/device');
      const program = agentProgram();
      const unit = deviceUnit({ node, flags: AGENT_FLAGS, program, version: about.version });
      show(terminal, { name: 'halligan-device.service', unit }, [unit.trimEnd()]);
      terminal.say(
        'Next: write it to /etc/systemd/system/halligan-device.service; systemctl enable --now halligan-device. Node and the packages must lie outside /home and /root.',
      );
    });
}
