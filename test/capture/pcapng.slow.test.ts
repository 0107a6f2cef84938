/** The same, with each version of TLS, with and without certificates of clients. */
import './pcapng.test.ts';
