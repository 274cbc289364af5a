/** A process of clients: connects for the plan that it receives, runs it on the next message, and sends the figures. */
import type { LoadPlan } from './plan.ts';
import { preparePlan } from './run-plan.ts';

const fail = (cause: unknown) => process.send?.({ failed: String(cause) });

process.once('message', (plan: LoadPlan) => {
  preparePlan(plan).then((run) => {
    process.once('message', () => void run().then((figures) => process.send?.({ figures }), fail));
    process.send?.({ isReady: true });
  }, fail);
});
process.on('disconnect', () => process.exit(0));
