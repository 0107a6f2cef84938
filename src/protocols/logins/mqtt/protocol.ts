/** MQTT 3.1, 3.1.1 and 5: the login, topics, answers in words. */
import type { Protocol } from '../../protocol.ts';
import { looksLikeMqtt } from './recognise.ts';

export const mqtt: Protocol = {
  name: 'mqtt',
  looksLike: looksLikeMqtt,
  load: async () => {
    const { mqttReader } = await import('./reader.ts');
    return { reader: mqttReader };
  },
  texts: async () => (await import('./texts.ts')).mqttTexts,
};
