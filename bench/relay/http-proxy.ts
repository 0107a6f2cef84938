/** http-proxy by itself, as its README starts it: http-proxy.js LISTEN-PORT TARGET-PORT. */
import httpProxy from 'http-proxy';

const [listen = 0, target = 0] = process.argv.slice(2).map(Number);
httpProxy.createProxyServer({ target: { host: '127.0.0.1', port: target } }).listen(listen, '127.0.0.1');
