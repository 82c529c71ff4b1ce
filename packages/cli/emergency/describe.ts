import { type Emergency, isOpen, isTouched, participants } from '@halligan/procedure';

/** An emergency in the lines that a person reads. */
export function describe(one: Emergency): readonly string[] {
  const lines = [
    `${one.drill ? 'DRILL' : 'REAL'} ${one.id.slice(0, 12)}  ${one.account}  declared ${one.at} by ${one.requester}`,
    one.approval === undefined
      ? `  not approved: ask ${one.approver}`
      : `  approved by ${one.approval.by} (${one.approval.method})`,
    ...participants(one)
      .slice(1)
      .map((person) =>
        one.parts[person] === undefined
          ? `  ${person} has not confirmed`
          : `  ${person} takes part`,
      ),
  ];
  const opening = one.openings.at(-1);
  if (opening !== undefined)
    lines.push(
      `  ${opening.exercise ? 'exercise of' : 'opening'} version ${opening.version} by ${opening.path}: ${opening.quorumAt === undefined ? `until ${opening.expires}` : 'opened'}`,
    );
  if (one.ended !== undefined) lines.push(`  ended ${one.ended.at}`);
  if (one.aborted !== undefined) lines.push(`  aborted ${one.aborted.at}`);
  if (isOpen(one) && (one.ended !== undefined || one.aborted !== undefined) && isTouched(one)) {
    lines.push(
      `  record ${one.submitted === undefined ? 'due' : 'submitted'} · reset ${one.reset === undefined ? 'due' : 'done'} · review ${one.reviewed === undefined ? 'due' : 'done'} · verification ${one.exercised === undefined ? 'due' : 'done'}`,
    );
  }
  if (one.closed !== undefined) lines.push(`  closed ${one.closed.at} by ${one.closed.by}`);
  return lines;
}
