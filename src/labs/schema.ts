/** The shape of tasks.yaml. Loaded by the build, and for a lab that is given by its path. */
import { z } from 'zod';

/** The parts of a scenario that a lab may leave to the learner. */
const settingsParts = ['servers', 'proxies'] as const;

const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/);
const fileName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
  .describe('A file in the learner’s folder.');

const manifestName = z.string().describe('An object under manifests in the scenario.');

const task = z.strictObject({
  id: name,
  steps: z
    .array(name)
    .min(1)
    .optional()
    .describe(
      'The steps of the scenario whose expectations must hold: the task is done when all of them do.',
    ),
  still: z.array(name).min(1).optional().describe('Steps of other tasks that must still succeed.'),
  unchanged: z
    .array(name)
    .min(1)
    .optional()
    .describe(
      'Entries of yours whose certificate must be the one that the folder started with: a row of the recipe by the same name.',
    ),
  keysApart: z
    .array(name)
    .min(2)
    .optional()
    .describe('Entries of yours whose certificates must have different public keys.'),
  cluster: z
    .array(
      z.union([
        z.strictObject({
          known: z
            .strictObject({
              certificate: name.describe('One of yours.'),
              as: z.string().min(1).describe('The user.'),
              groups: z
                .array(z.string().min(1))
                .min(1)
                .describe('Beside system:authenticated; these and no others.'),
            })
            .describe(
              'The certificate was asked for and issued through the Certificates API, and makes its holder this user.',
            ),
        }),
        z.strictObject({
          rights: z
            .strictObject({
              client: name.describe(
                'A client of the scenario, for which a check queries the server with a certificate of the lab.',
              ),
              may: z
                .strictObject({ namespace: name, resource: name, verbs: z.array(name).min(1) })
                .optional()
                .describe('Left out: nothing.'),
              alone: z.literal(true).optional().describe('No binding that grants it names another subject.'),
            })
            .describe('What a user may do beyond what every user may: this, and nothing else.'),
        }),
        z.strictObject({
          admits: z
            .strictObject({
              manifest: manifestName,
              configuration: name.describe('The configuration that was in the way.'),
            })
            .describe('The object can be created, and no webhook leads to a Service that is not there.'),
        }),
        z.strictObject({
          presents: name.describe(
            'One of the cluster’s webhooks: its certificate is in force, for servers, and has the name of its Service.',
          ),
        }),
        z.strictObject({
          guards: z
            .strictObject({
              webhook: name.describe('One of the cluster’s webhooks.'),
              configuration: name.describe('The configuration by which it is called.'),
              denies: manifestName,
              allows: manifestName,
              failsClosed: z
                .literal(true)
                .optional()
                .describe('What it cannot be asked about is not created.'),
            })
            .describe('It is asked, and answers: one object can be created, the other is denied.'),
        }),
      ]),
    )
    .min(1)
    .optional()
    .describe(
      'In the place of steps, for a lab with a cluster: what must be true of the API server that the lab keeps up. The first that is not is reported.',
    ),
  controlPlane: z
    .array(
      z.union([
        z.strictObject({
          believed: z
            .literal('kube-apiserver')
            .describe(
              'Who trusts the cluster’s first CA, and no other, is shown a certificate that is in order.',
            ),
        }),
        z.strictObject({
          kubeconfig: z
            .strictObject({
              file: fileName,
              as: z.string().min(1).describe('The user.'),
              groups: z
                .array(z.string().min(1))
                .min(1)
                .describe('Beside system:authenticated; these and no others.'),
            })
            .describe(
              'With this file kubectl believes the API server, after having looked, and is known to it.',
            ),
        }),
        z.strictObject({
          trusts: z
            .enum(['both', 'new'])
            .describe(
              'With rotation: whom the API server, the kubeconfigs, the pods and the clients that run all the time believe. both: the old CA and the new one, or the new one alone where nobody shows a certificate of the old one any more.',
            ),
        }),
        z.strictObject({
          shows: z
            .literal('new')
            .describe(
              'With rotation: the API server and the kubeconfigs show certificates of the new CA, as the same users as before, and the controller manager signs with it.',
            ),
        }),
        z.strictObject({
          untroubled: z
            .literal(true)
            .describe(
              'With rotation: it is over, and none of the clients that run all the time was turned away meanwhile.',
            ),
        }),
        z.strictObject({
          issued: z
            .strictObject({ request: name })
            .describe(
              'A request that was approved before the learner came has its certificate: the controller manager is at work.',
            ),
        }),
      ]),
    )
    .min(1)
    .optional()
    .describe(
      'In the place of steps, for a lab with a control plane of the learner’s: what must be true of its processes. The first that is not is reported.',
    ),
  held: z
    .literal('ended')
    .optional()
    .describe(
      'Instead of steps: the connection over which the held client was served has ended. It has none, or one for which it did not prove again who it is (a resumed session).',
    ),
  later: z
    .strictObject({
      hours: z
        .int()
        .min(1)
        .max(24 * 365),
      steps: z.array(name).min(1),
    })
    .optional()
    .describe('Steps that must come out right when the clock of both sides is so many hours ahead.'),
  ownClient: z
    .strictObject({
      admitted: z
        .array(name)
        .min(1)
        .describe('Steps in whose place the program is led to a site, and must have logged in there.'),
      kept: z
        .array(name)
        .min(1)
        .optional()
        .describe(
          'Steps that lead it to an impostor, where no login, and neither the password nor the rrn, may arrive.',
        ),
      relayed: z
        .array(
          z.strictObject({
            first: name.describe(
              'The step to whose site its first connections are passed on: one, two, three, or more for a client that makes more of them.',
            ),
            next: name.describe('The step to whose impostor every later one is led, at the same port.'),
          }),
        )
        .min(1)
        .optional()
        .describe('What checks over one connection and sends over another gives the login away here.'),
    })
    .optional()
    .describe(
      'Instead of steps: what must come of the learner’s own program (ownClient), judged by the bytes that arrive at each site.',
    ),
  login: z
    .strictObject({
      at: name.describe('The server at which the learner logs in.'),
      as: name.describe('The account.'),
    })
    .optional()
    .describe(
      'Instead of steps: the learner logs in at a server of the running lab, directly or through proxies.',
    ),
});

const inBothLanguages = z.strictObject({ en: z.string().min(1), ko: z.string().min(1) });

export const tasksSchema = z.strictObject({
  course: z
    .strictObject({
      order: z
        .int()
        .min(0)
        .optional()
        .describe(
          'Of wirelab’s own labs, those with a smaller number come first. A lab of an author’s needs none.',
        ),
      minutes: z.int().min(1).max(600).describe('For a learner who has seen the scenario that it follows.'),
      afterwards: inBothLanguages.describe('What one can do afterwards: the end of “Afterwards you can …”.'),
    })
    .optional()
    .describe('The place of the lab in the course; without it, it comes last.'),
  programs: z
    .partialRecord(z.enum(['openssl', 'curl', 'kubectl']), inBothLanguages)
    .optional()
    .describe('The programs that the text of the lab uses, and what is used where one is missing.'),
  gives: z
    .record(fileName, z.string())
    .optional()
    .describe(
      'What the learner’s folder is given of the recipe: a file there, and the file in the recipe’s folder (alice.crt, alice.chain.crt, alice.key, ca.crl).',
    ),
  yours: z
    .record(
      name,
      z.strictObject({
        certificate: fileName.optional(),
        key: fileName.optional(),
        keyOf: z.string().optional(),
      }),
    )
    .optional()
    .describe(
      'Names in the scenario that mean files of the learner’s: NAME.crt and NAME.key when left out. keyOf: the key stays with the lab, and is that of a row of the recipe.',
    ),
  lists: z
    .record(name, fileName)
    .optional()
    .describe(
      'Revocation lists of the learner’s: a CA, and the file in which a proxy that checks its list finds it. For a CA that the learner makes it is NAME.crl.',
    ),
  requests: z
    .record(fileName, z.strictObject({ row: z.string(), names: z.array(z.string()).min(1) }))
    .optional()
    .describe(
      'Signing requests that the folder begins with: for the key and the subject of a row of the recipe.',
    ),
  settings: z
    .array(z.enum(settingsParts))
    .min(1)
    .optional()
    .describe('The parts of the scenario that are in the learner’s settings.yaml.'),
  entrances: z
    .record(name, z.string())
    .optional()
    .describe(
      'Proxies of the learner’s settings, and the wire on which clients reach each: what is required of that wire cannot be met on another.',
    ),
  hosts: z
    .array(name)
    .min(1)
    .optional()
    .describe(
      'Participants of the learner’s settings at which clients ask for whatever name the settings say (host). At all others they ask for the name with which the folder begins.',
    ),
  ownClient: z
    .strictObject({
      file: fileName.describe(
        'A shell script in the learner’s folder. It is called with the address and the port that a step leads to, and with the password of the step’s account on its standard input, without an end of line. It runs with the learner’s rights, for at most ten seconds.',
      ),
      practice: fileName
        .optional()
        .describe('A file there with the password that the running lab’s sites know, for trying it by hand.'),
    })
    .optional()
    .describe(
      'The learner writes the client: a check runs it in the place of the clients of some steps (lookUp, login), with a password that is drawn for that check.',
    ),
  drawn: z
    .array(name)
    .min(1)
    .optional()
    .describe('Secrets of the scenario that are generated each time the lab starts.'),
  recorded: z
    .strictObject({ steps: z.array(name).min(1), file: fileName })
    .optional()
    .describe(
      'Steps that run once when the lab starts, with the settings that the folder began with, and the capture of them.',
    ),
  repeated: z
    .strictObject({
      steps: z.array(name).min(1),
      wire: z
        .string()
        .regex(/^[A-Z]$/)
        .describe('The wire that can be listened to meanwhile.'),
      everySeconds: z.int().min(1).max(600),
    })
    .optional()
    .describe(
      'Steps that are repeated while the lab runs, with the learner’s settings and files: whoever listens to the wire receives what passes, and nothing is kept.',
    ),
  held: z
    .strictObject({
      step: name.describe('A login: its client logs in with it.'),
      everySeconds: z.int().min(1).max(600).describe('Between two requests, and two attempts to come back.'),
    })
    .optional()
    .describe(
      'A client that stays connected while the lab runs: it asks again and again over one connection, and comes back when that has ended, offering to resume its session. A change of certificates, CAs, lists and of how long a connection lives does not end it.',
    ),
  cluster: z
    .strictObject({
      server: name.describe('A server of the scenario, of the kind kube-apiserver.'),
      asks: name.describe('The client that a check uses to query others.'),
      administrator: name.describe('The learner’s client.'),
      kubeconfig: fileName.describe('The administrator’s, in the learner’s folder; made when the lab is up.'),
      curl: fileName.describe('Another file there: a curl configuration for the administrator (curl -K).'),
      webhooks: z
        .record(
          name.describe('One of yours: its certificate and its key.'),
          z.strictObject({
            service: z
              .string()
              .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/)
              .describe('NAMESPACE/NAME of the Service behind which it stands.'),
            requires: z.string().min(1).describe('The label without which it denies an object.'),
          }),
        )
        .optional()
        .describe('Admission webhooks that run beside the API server, with files of the learner’s.'),
    })
    .optional()
    .describe(
      'The lab keeps an API server up, whose objects outlive it. The steps of the scenario are what was done there before the learner came.',
    ),
  controlPlane: z
    .strictObject({
      server: name.describe(
        'A server of the scenario, of the kind kube-apiserver: with it happens what was done before the learner came.',
      ),
      asks: name.describe('The client that a check uses to read requests.'),
      kubeconfigs: z
        .record(fileName, z.string())
        .describe(
          'More kubeconfigs in the folder: a file, and the row of the recipe whose certificate it holds.',
        ),
      rotation: z
        .strictObject({
          authority: z
            .string()
            .regex(/^[a-z0-9][a-z0-9/-]{0,60}$/)
            .describe('Where the learner puts the new CA: FILE.crt and FILE.key in the folder.'),
          kubeconfigs: z
            .record(fileName, z.string())
            .describe(
              'The kubeconfigs that go over to it, and the row of the recipe that each holds at first.',
            ),
          clients: z
            .record(name, z.strictObject({ file: fileName, row: z.string() }))
            .describe('Programs that use the API server all the time, each with a kubeconfig of the folder.'),
          pod: name.describe('One in a pod: it trusts what the controller manager publishes.'),
          stolen: z
            .string()
            .describe('The row of the recipe whose certificate must be worth nothing in the end.'),
        })
        .optional()
        .describe(
          'The CA is replaced while clients use the API server: its controller manager publishes a root CA file (--root-ca-file), and what happens to the clients is noted.',
        ),
    })
    .optional()
    .describe(
      'The learner’s folder holds the files of a control plane as kubeadm lays them out, made of the recipe. The lab runs an API server and a controller manager with them, each as long as its file lies in manifests/.',
    ),
  tasks: z.array(task).min(1).describe('In the recommended order.'),
});

export type TasksSchema = typeof tasksSchema;

/** The JSON Schema for editors, committed as schemas/tasks.schema.json. */
export function tasksJsonSchema(): object {
  return { title: 'The tasks of a wirelab lab', ...z.toJSONSchema(tasksSchema, { io: 'input' }) };
}

/**
 * The JSON Schema of a lab's settings.yaml, committed as schemas/settings.schema.json.
 * @param scenario the JSON Schema of a scenario, of which the settings are a part.
 */
export function settingsJsonSchema(scenario: object): object {
  const { properties, $defs, $schema } = scenario as {
    readonly properties: Readonly<Record<string, unknown>>;
    readonly $defs?: object;
    readonly $schema?: string;
  };
  return {
    title: 'The settings of a wirelab lab, which the learner changes',
    ...($schema === undefined ? {} : { $schema }),
    type: 'object',
    properties: Object.fromEntries(settingsParts.map((part) => [part, properties[part]])),
    additionalProperties: false,
    ...($defs ? { $defs } : {}),
  };
}
