/** The shape of tasks.yaml. Loaded by the build alone. */
import { z } from 'zod';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/);
const fileName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
  .describe('A file in the learner’s folder.');

const task = z.strictObject({
  id: name,
  steps: z.array(name).min(1).optional().describe('The steps of the scenario whose expectations must hold: the task is done when all of them do.'),
  login: z
    .strictObject({
      at: name.describe('The server that is asked who logged in.'),
      as: name.describe('The account.'),
    })
    .optional()
    .describe('In the place of steps: the learner logs in at a server that the lab keeps up.'),
});

export const tasksSchema = z.strictObject({
  gives: z.record(fileName, z.string()).optional().describe('What the learner’s folder is given of the recipe: a file there, and the file in the recipe’s folder (alice.crt, alice.chain.crt, alice.key, ca.crl).'),
  yours: z
    .record(name, z.strictObject({ certificate: fileName.optional(), key: fileName.optional(), keyOf: z.string().optional() }))
    .optional()
    .describe('Names in the scenario that mean files of the learner’s: NAME.crt and NAME.key when left out. keyOf: the key stays with the lab, and is that of a row of the recipe.'),
  requests: z
    .record(fileName, z.strictObject({ row: z.string(), names: z.array(z.string()).min(1) }))
    .optional()
    .describe('Signing requests that the folder begins with: for the key and the subject of a row of the recipe.'),
  settings: z.array(z.enum(['servers', 'proxies'])).min(1).optional().describe('The parts of the scenario that stand in the learner’s settings.yaml.'),
  drawn: z.array(name).min(1).optional().describe('Secrets of the scenario that are drawn anew each time that the lab starts.'),
  recorded: z
    .strictObject({ steps: z.array(name).min(1), file: fileName })
    .optional()
    .describe('Steps that run once when the lab starts, and the capture of them.'),
  repeated: z
    .strictObject({ steps: z.array(name).min(1), file: fileName, everySeconds: z.int().min(1).max(600) })
    .optional()
    .describe('Steps that run again and again while the lab is up; the capture is that of the last time.'),
  tasks: z.array(task).min(1).describe('In the order in which they are best done.'),
});

export type TasksSchema = typeof tasksSchema;
