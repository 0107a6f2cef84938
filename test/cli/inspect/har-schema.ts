/** HAR 1.2 as its specification describes it (http://www.softwareishard.com/blog/har-12-spec/), as JSON Schema. */
const pair = {
  type: 'object',
  required: ['name', 'value'],
  properties: { name: { type: 'string' }, value: { type: 'string' }, comment: { type: 'string' } },
} as const;
const pairs = { type: 'array', items: pair } as const;
const size = { type: 'integer', minimum: -1 } as const;
const time = { type: 'number', minimum: -1 } as const;

export const harSchema = {
  type: 'object',
  required: ['log'],
  properties: {
    log: {
      type: 'object',
      required: ['version', 'creator', 'entries'],
      properties: {
        version: { const: '1.2' },
        creator: {
          type: 'object',
          required: ['name', 'version'],
          properties: { name: { type: 'string' }, version: { type: 'string' } },
        },
        entries: {
          type: 'array',
          items: {
            type: 'object',
            required: ['startedDateTime', 'time', 'request', 'response', 'cache', 'timings'],
            properties: {
              startedDateTime: {
                type: 'string',
                pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$`,
              },
              time: { type: 'number', minimum: 0 },
              serverIPAddress: { type: 'string' },
              connection: { type: 'string' },
              cache: { type: 'object' },
              request: {
                type: 'object',
                required: [
                  'method',
                  'url',
                  'httpVersion',
                  'cookies',
                  'headers',
                  'queryString',
                  'headersSize',
                  'bodySize',
                ],
                properties: {
                  method: { type: 'string' },
                  url: { type: 'string' },
                  httpVersion: { type: 'string' },
                  cookies: pairs,
                  headers: pairs,
                  queryString: pairs,
                  headersSize: size,
                  bodySize: size,
                  postData: {
                    type: 'object',
                    required: ['mimeType', 'params', 'text'],
                    properties: { mimeType: { type: 'string' }, params: pairs, text: { type: 'string' } },
                  },
                },
              },
              response: {
                type: 'object',
                required: [
                  'status',
                  'statusText',
                  'httpVersion',
                  'cookies',
                  'headers',
                  'content',
                  'redirectURL',
                  'headersSize',
                  'bodySize',
                ],
                properties: {
                  status: { type: 'integer', minimum: 0 },
                  statusText: { type: 'string' },
                  httpVersion: { type: 'string' },
                  cookies: pairs,
                  headers: pairs,
                  redirectURL: { type: 'string' },
                  headersSize: size,
                  bodySize: size,
                  content: {
                    type: 'object',
                    required: ['size', 'mimeType'],
                    properties: {
                      size: { type: 'integer', minimum: 0 },
                      compression: { type: 'integer' },
                      mimeType: { type: 'string' },
                      text: { type: 'string' },
                      encoding: { const: 'base64' },
                    },
                  },
                },
              },
              timings: {
                type: 'object',
                required: ['send', 'wait', 'receive'],
                properties: {
                  blocked: time,
                  dns: time,
                  connect: time,
                  ssl: time,
                  send: { type: 'number', minimum: 0 },
                  wait: { type: 'number', minimum: 0 },
                  receive: { type: 'number', minimum: 0 },
                },
              },
            },
          },
        },
      },
    },
  },
} as const;
