import { Option } from 'commander';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';
import { draftReview, type ReviewFindings, signReview } from './review.ts';

/** The review: one writes it, every reviewer signs the same. */
export function addReview(
  { context, add, done }: EmergencyGroup,
  names: { readonly draft: string; readonly sign: string },
): void {
  add(names.draft, 'write the review that every reviewer signs')
    .argument(ID, ID_HELP)
    .requiredOption('--root-cause <cause>', 'what was behind the emergency')
    .requiredOption('--action <text>', 'what would prevent it')
    .requiredOption('--owner <person>', 'who sees to that')
    .requiredOption('--due <date>', 'until when, such as 2026-03-31')
    .option('--also <owner:due:text...>', 'more corrective actions', [])
    .option('--not-held <point=finding...>', 'points that did not hold, and what was found', [])
    .requiredOption('--impact <text>', 'what it meant for the organisation')
    .requiredOption('--held-up <text>', 'how the procedure held up')
    .addOption(
      new Option('--responsible <whether>', 'whether the responsible people are the right ones')
        .choices(['confirmed', 'changed'])
        .default('confirmed'),
    )
    .option('--violation <text...>', 'what was against the policy', [])
    .option('--suspend <person...>', 'whom to suspend while that is looked into', [])
    .requiredOption('--out <file>', 'where to write it')
    .action(async (id: string | undefined, asked: ReviewFindings & { out: string }) => {
      await context.writeFile(asked.out, await draftReview(await context.device(), id, asked));
      done(
        { draft: asked.out },
        `Written: ${asked.out}. Next: every reviewer runs halligan review sign --draft ${asked.out}.`,
      );
    });
  add(names.sign, 'sign the review')
    .argument(ID, ID_HELP)
    .requiredOption('--draft <file>', 'the same for all reviewers')
    .action(async (id: string | undefined, { draft }: { draft: string }) => {
      await signReview(await context.device(), id, await context.readFile(draft));
      done({ reviewed: true }, 'Review signed.');
    });
}
