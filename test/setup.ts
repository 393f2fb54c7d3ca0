// tsyringe needs the metadata polyfill before its first import.
import "reflect-metadata";
