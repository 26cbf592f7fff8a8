// Package config reads the YAML file for the command line, and checks what people write by hand.
//
// The grammar of the program (flags, defaults, environment names) belongs to whoever builds the kong parser; this package
// knows none of them by name. A [File] is a kong resolver, so the value of a flag comes from, in this order, the
// command line, the environment, the file, the default.
//
//	path, err := config.Find(given) // --config.file, or one of the usual places, or ""
//	file, err := config.Load(path)  // syntax, shape, secrets, profile names
//	ctx.AddResolver(file)           // inside kong.WithBeforeResolve
//
// Keys of the file are names of flags. A dot may be written as nesting, a dash as an underscore; these are the same:
//
//	influx.token-file: /run/secrets/influx
//
//	influx:
//	  token_file: /run/secrets/influx
//
// The block "withings:" of the Home Assistant documentation, with client_id, client_secret and profiles, sets the
// flags of these names, and "!secret name" is looked up in secrets.yaml beside the file, as Home Assistant does.
//
// Values are handed to kong as they are written, so they read as on the command line: a duration is "5m", never a bare
// number. Only the names of files and folders differ: in the file they are relative to its own folder, on the command line and
// in the environment to the working directory.
//
// Every error about a file is an [Error]: which file, which line, which key, what is wrong, what to do. No message
// of this package holds a secret, nor a part of one.
package config
